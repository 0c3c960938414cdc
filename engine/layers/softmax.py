"""Scores to probabilities."""

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers, require_features


@layers.register("Softmax")
class Softmax(Layer):
    """y_k = exp(x_k) / sum_j exp(x_j).   x: (batch, features). The cross-entropy loss has its own: do not put both."""

    suits = "xavier_normal"

    def build(self, input_shape: Shape) -> Shape:
        return (require_features("Softmax", input_shape),)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        y = softmax(x)
        return y, lambda dy: y * (dy - (dy * y).sum(axis=1, keepdims=True))


def softmax(x: Array) -> Array:
    """Probabilities by row; the largest score is subtracted first, so that no exponential overflows."""
    y: Array = np.exp(x - x.max(axis=1, keepdims=True))
    y /= y.sum(axis=1, keepdims=True)
    return y
