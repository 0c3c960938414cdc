"""The hyperbolic tangent."""

import numpy as np

from engine.arrays import Array
from engine.layers.base import Backward, Layer, layers


@layers.register("Tanh")
class Tanh(Layer):
    """y = tanh(x).   Any shape."""

    suits = "xavier_normal"

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        y = np.tanh(x)
        return y, lambda dy: dy * (1 - y * y)
