"""The mean of each channel."""

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers, require_picture


@layers.register("GlobalAvgPool2d")
class GlobalAvgPool2d(Layer):
    """y[c] = mean of x[c].   x: (batch, channels, height, width) → y: (batch, channels, 1, 1).

    PyTorch's AdaptiveAvgPool2d(1): Flatten behind it makes a vector of it.
    """

    def build(self, input_shape: Shape) -> Shape:
        channels, _, _ = require_picture("GlobalAvgPool2d", input_shape)
        return (channels, 1, 1)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        area = x.shape[2] * x.shape[3]
        return x.mean(axis=(2, 3), keepdims=True), lambda dy: np.broadcast_to(dy / area, x.shape)
