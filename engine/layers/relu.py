"""The rectifier."""

from engine.arrays import Array
from engine.layers.base import Backward, Layer, layers
from engine.layers.leaky_relu import rectify


@layers.register("ReLU")
class ReLU(Layer):
    """y = max(x, 0).   Any shape. The gradient at 0 is 0."""

    suits = "he_normal"

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        return rectify(x, 0.0)
