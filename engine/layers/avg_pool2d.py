"""The mean of each window."""

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers
from engine.layers.windows import Padding, Size, pair, require_half, window_counts, windows, windows_backward


@layers.register("AvgPool2d")
class AvgPool2d(Layer):
    """y[c, u, v] = mean over i, j of x[c, stride u + i, stride v + j].   x: (batch, channels, height, width).

    The windows stand side by side unless a stride is given; what is left at the right and below is not seen. Around
    the picture x is 0, which counts in the mean.
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Padding = 0) -> None:
        super().__init__()
        self.kernel, self.stride, self.padding = pair(kernel_size), pair(stride or kernel_size), pair(padding)
        require_half("AvgPool2d", self.kernel, self.padding)

    def build(self, input_shape: Shape) -> Shape:
        channels, counts = window_counts("AvgPool2d", input_shape, self.kernel, self.stride, self.padding)
        return (channels, *counts)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        seen = windows(x, self.kernel, self.stride, self.padding)
        area = self.kernel[0] * self.kernel[1]

        def backward(dy: Array) -> Array:
            dseen = np.broadcast_to((dy / area)[..., None, None], seen.shape)
            return windows_backward(dseen, x.shape, self.stride, self.padding)

        return seen.mean(axis=(-2, -1)), backward
