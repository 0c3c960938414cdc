"""The fully connected layer."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers, require_features
from engine.parameters import Parameter


@layers.register("Linear")
class Linear(Layer):
    """y = x @ weight.T + bias.   x: (batch, in) → y: (batch, out); the number of inputs is inferred."""

    def __init__(self, out_features: Annotated[int, Meta(ge=1)], *, bias: bool = True) -> None:
        super().__init__()
        self.out_features = out_features
        self.bias = bias

    def build(self, input_shape: Shape) -> Shape:
        in_features = require_features("Linear", input_shape)
        shape = (self.out_features, in_features)
        self.parameters = [Parameter("weight", shape, in_features, self.out_features, transposed=True)]
        if self.bias:
            self.parameters.append(Parameter("bias", (self.out_features,)))
        return (self.out_features,)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        weight = self.parameters[0]
        y = x @ weight.value.T
        if self.bias:
            y += self.parameters[1].value

        def backward(dy: Array) -> Array | None:
            np.matmul(dy.T, x, out=weight.gradient)
            if self.bias:
                np.sum(dy, axis=0, out=self.parameters[1].gradient)
            return dy @ weight.value if self.needs_input_gradient else None

        return y, backward
