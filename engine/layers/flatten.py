"""From pictures to vectors."""

from math import prod

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers


@layers.register("Flatten")
class Flatten(Layer):
    """y = x, as one vector a sample.   x: (batch, ...) → y: (batch, features)."""

    def build(self, input_shape: Shape) -> Shape:
        return (prod(input_shape),)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        return x.reshape(len(x), -1), lambda dy: dy.reshape(x.shape)
