"""The largest of each window."""

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers
from engine.layers.windows import Padding, Size, pair, require_half, window_counts, windows, windows_backward


@layers.register("MaxPool2d")
class MaxPool2d(Layer):
    """y[c, u, v] = max over i, j of x[c, stride u + i, stride v + j].   x: (batch, channels, height, width).

    The windows stand side by side unless a stride is given; what is left at the right and below is not seen. Of equal
    numbers the first one, row by row, gets the gradient. NaN is larger than anything.
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Padding = 0) -> None:
        super().__init__()
        self.kernel, self.stride, self.padding = pair(kernel_size), pair(stride or kernel_size), pair(padding)
        require_half("MaxPool2d", self.kernel, self.padding)

    def build(self, input_shape: Shape) -> Shape:
        channels, counts = window_counts("MaxPool2d", input_shape, self.kernel, self.stride, self.padding)
        return (channels, *counts)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        seen = windows(x, self.kernel, self.stride, self.padding, fill=-np.inf)
        flat = seen.reshape(*seen.shape[:4], -1)
        winners = flat.argmax(axis=-1, keepdims=True)
        places = np.arange(flat.shape[-1])

        def backward(dy: Array) -> Array:
            dseen = np.where(winners == places, dy[..., None], 0).reshape(seen.shape)
            return windows_backward(dseen, x.shape, self.stride, self.padding)

        return np.take_along_axis(flat, winners, axis=-1)[..., 0], backward
