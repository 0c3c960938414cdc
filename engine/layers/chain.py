"""Layers one after the other."""

from collections.abc import Sequence

from engine.arrays import Array, Shape
from engine.errors import ShapeError
from engine.layers.base import Backward, Layer, Leaf


def build_chain(chain: Sequence[Layer], input_shape: Shape) -> list[Leaf]:
    """Build each layer for what the one before it gives; returns the innermost ones, first to last.

    Raises ShapeError, which names the layer and both shapes.
    """
    leaves: list[Leaf] = []
    for index, layer in enumerate(chain):
        try:
            output_shape = layer.build(input_shape)
        except ShapeError as error:
            giver = f"{index - 1} ({type(chain[index - 1]).__name__})" if index else ""
            raise error.inside(str(index), giver) from None
        leaf = Leaf(str(index), type(layer).__name__, layer, input_shape, output_shape)
        leaves += [inner._replace(name=f"{index}.{inner.name}") for inner in layer.leaves] or [leaf]
        input_shape = output_shape
    return leaves


def forward_chain(chain: Sequence[Layer], x: Array, *, training: bool) -> tuple[Array, Backward]:
    """y = layer_n(... layer_1(x)), and the function that carries its gradient back through all of them."""
    backwards: list[Backward] = []
    for layer in chain:
        x, backward = layer.forward(x, training=training)
        backwards.append(backward)

    def back(dy: Array) -> Array | None:
        gradient: Array | None = dy
        for backward in reversed(backwards):
            if gradient is not None:
                gradient = backward(gradient)
        return gradient

    return x, back
