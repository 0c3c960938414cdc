"""Batch normalization of pictures."""

from engine.arrays import Shape
from engine.layers.base import layers, require_picture
from engine.layers.batch_norm1d import BatchNorm1d


@layers.register("BatchNorm2d")
class BatchNorm2d(BatchNorm1d):
    """BatchNorm1d by channel: mean and variance are over batch, height and width.

    x: (batch, channels, height, width).
    """

    def build(self, input_shape: Shape) -> Shape:
        channels, _, _ = require_picture("BatchNorm2d", input_shape)
        self.declare(channels)
        return input_shape
