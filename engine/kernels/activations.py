"""Rectifiers, forward and backward, over arrays of any shape laid out as one vector."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel


@kernel
def leaky_relu(x: Array, slope: float, y: Array) -> None:
    """y = x if x > 0 else slope x.   A slope of 0 is ReLU."""
    for i in range(x.size):
        y[i] = x[i] if x[i] > 0 else slope * x[i]


def leaky_relu_reference(x: Array, slope: float, y: Array) -> None:
    """What `leaky_relu` computes."""
    y[...] = np.where(x > 0, x, slope * x)


@kernel
def leaky_relu_backward(x: Array, slope: float, dy: Array, dx: Array) -> None:
    """dx = dy if x > 0 else slope dy."""
    for i in range(x.size):
        dx[i] = dy[i] if x[i] > 0 else slope * dy[i]


def leaky_relu_backward_reference(x: Array, slope: float, dy: Array, dx: Array) -> None:
    """What `leaky_relu_backward` computes."""
    dx[...] = np.where(x > 0, dy, slope * dy)
