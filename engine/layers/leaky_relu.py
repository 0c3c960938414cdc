"""The rectifier that leaks."""

import numpy as np

from engine.arrays import Array
from engine.kernels.activations import leaky_relu, leaky_relu_backward, leaky_relu_reference
from engine.kernels.compiled import compiler_loaded
from engine.layers.base import Backward, Layer, layers


@layers.register("LeakyReLU")
class LeakyReLU(Layer):
    """y = x if x > 0 else negative_slope x.   Any shape. A unit that is always negative still learns."""

    suits = "he_normal"

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        return rectify(x, self.negative_slope)


def rectify(x: Array, negative_slope: float) -> tuple[Array, Backward]:
    """y = x if x > 0 else negative_slope x, with its backward."""
    slope = x.dtype.type(negative_slope)
    y = np.empty(x.shape, x.dtype)
    # Where nothing is trained a prediction is over before the compiler is loaded.
    forward = leaky_relu if compiler_loaded() else leaky_relu_reference
    forward(x.reshape(-1), slope, y.reshape(-1))

    def backward(dy: Array) -> Array:
        dx = np.empty(x.shape, x.dtype)
        leaky_relu_backward(x.reshape(-1), slope, dy.reshape(-1), dx.reshape(-1))
        return dx

    return y, backward
