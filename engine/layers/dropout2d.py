"""Dropout of whole channels."""

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import layers, require_picture
from engine.layers.dropout import Dropout


@layers.register("Dropout2d")
class Dropout2d(Dropout):
    """Dropout that keeps or drops each channel of each sample whole.   x: (batch, channels, height, width).

    Tompson et al. 2015, arXiv 1411.4280: neighbours in a picture are so alike that one would stand in for the other.
    """

    def build(self, input_shape: Shape) -> Shape:
        require_picture("Dropout2d", input_shape)
        return input_shape

    def drop(self, values: Array, key: np.uint64, threshold: np.uint64, scale: float) -> Array:
        channels = np.ones((*values.shape[:2], 1, 1), values.dtype)
        return values * super().drop(channels, key, threshold, scale)
