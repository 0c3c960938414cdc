"""A chain of layers with a way around it."""

from engine.arrays import Array, Shape
from engine.errors import ShapeError, UserError
from engine.layers.base import Backward, Layer, layers
from engine.layers.chain import build_chain, forward_chain


@layers.register("Residual")
class Residual(Layer):
    """y = x + layer_n(... layer_1(x)).   Any shape, which the chain must give back.

    He et al. 2016, arXiv 1512.03385, eq. 1: the gradient reaches x whatever the chain makes of it. Names are those of
    a torch.nn.Sequential whose forward adds x: "3.0.weight".
    """

    def __init__(self, *chain: Layer) -> None:
        super().__init__()
        if not chain:
            raise UserError("Residual goes around other layers; write Residual(Linear(128), ReLU)")
        self.chain = chain

    def build(self, input_shape: Shape) -> Shape:
        self.leaves = build_chain(self.chain, input_shape)
        output_shape = self.leaves[-1].output_shape
        if output_shape != input_shape:
            raise ShapeError(f"Residual adds what it gets, {input_shape}, to what its layers give, {output_shape}")
        return input_shape

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        y, back = forward_chain(self.chain, x, training=training)

        def backward(dy: Array) -> Array | None:
            dx = back(dy)
            # The chain gives none where nothing before it learns.
            return None if dx is None else dy + dx

        return x + y, backward
