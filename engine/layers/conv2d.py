"""The convolution of pictures."""

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers
from engine.layers.windows import Padding, Positive, Size, pair, window_counts, windows, windows_backward
from engine.parameters import Parameter


@layers.register("Conv2d")
class Conv2d(Layer):
    """y[o, u, v] = bias[o] + sum over c, i, j of weight[o, c, i, j] x[c, stride u + i, stride v + j].

    x: (batch, in, height, width) → y: (batch, out, height', width'), height' = (height + 2 padding - kernel) // stride
    + 1; around the picture x is 0. Kernel, stride and padding are one number or (height, width). The number of inputs
    is inferred: what follows the kernel is named, or PyTorch's Conv2d(1, 8, 3) would be taken for something else.
    """

    def __init__(
        self, out_channels: Positive, kernel_size: Size, *, stride: Size = 1, padding: Padding = 0, bias: bool = True
    ) -> None:
        super().__init__()
        self.out_channels = out_channels
        self.kernel, self.stride, self.padding = pair(kernel_size), pair(stride), pair(padding)
        self.bias = bias

    def build(self, input_shape: Shape) -> Shape:
        in_channels, counts = window_counts("Conv2d", input_shape, self.kernel, self.stride, self.padding)
        area = self.kernel[0] * self.kernel[1]
        shape = (self.out_channels, in_channels, *self.kernel)
        self.parameters = [Parameter("weight", shape, fan_in=in_channels * area, fan_out=self.out_channels * area)]
        if self.bias:
            self.parameters.append(Parameter("bias", (self.out_channels,)))
        return (self.out_channels, *counts)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        weight = self.parameters[0]
        seen = windows(x, self.kernel, self.stride, self.padding)
        batch, _, height, width = seen.shape[:4]
        # A column for each window, (batch, in kh kw, windows): the convolution is one product of matrices.
        columns = seen.transpose(0, 1, 4, 5, 2, 3).reshape(batch, -1, height * width)
        y = weight.value.reshape(self.out_channels, -1) @ columns
        if self.bias:
            y += self.parameters[1].value[:, None]

        def backward(dy: Array) -> Array | None:
            dy = dy.reshape(batch, self.out_channels, -1)
            by_sample = dy @ columns.transpose(0, 2, 1)
            np.sum(by_sample.reshape(batch, *weight.shape), axis=0, out=weight.gradient)
            if self.bias:
                np.sum(dy, axis=(0, 2), out=self.parameters[1].gradient)
            if not self.needs_input_gradient:
                return None
            dcolumns = weight.value.reshape(self.out_channels, -1).T @ dy
            dseen = dcolumns.reshape(batch, -1, *self.kernel, height, width).transpose(0, 1, 4, 5, 2, 3)
            return windows_backward(dseen, x.shape, self.stride, self.padding)

        return y.reshape(batch, self.out_channels, height, width), backward
