"""The chain of layers."""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Array, Shape
from engine.errors import ShapeError, UserError
from engine.expressions import make, parse_calls
from engine.initializers import initialize, initializer
from engine.layers import Backward, Layer, layers
from engine.layers.dropout import Dropout
from engine.parameters import bind

WEIGHTS = 1
"""Keeps the stream of starting weights apart from those that order the epochs of the same seed."""


class Sequential:
    """y = layer_n(... layer_1(x)).   x: (batch, *input_shape) → y: (batch, *output_shape).

    Written as text, "Flatten, Linear(128), ReLU, Linear(10)", or given as layers. All parameters are views into
    `values`, their gradients into `gradients`; parameter p is `values[offsets[p]:offsets[p + 1]]`, and is named as in
    PyTorch: "1.weight". The same seed gives the same starting weights.

    Raises UserError for text that cannot be read and ShapeError, which names the layer and both shapes.
    """

    def __init__(
        self,
        chain: str | Sequence[Layer],
        input_shape: Shape,
        *,
        init: str = "auto",
        seed: int = 0,
        dtype: type[np.floating] = np.float32,
        input_gradient: bool = False,
    ) -> None:
        self.layers = parse_layers(chain) if isinstance(chain, str) else list(chain)
        self.texts = describe(chain) if isinstance(chain, str) else [type(layer).__name__ for layer in self.layers]
        self.input_shape = input_shape
        self.shapes = _build(self.layers, input_shape)
        self.parameters = {
            f"{index}.{parameter.name}": parameter
            for index, layer in enumerate(self.layers)
            for parameter in layer.parameters
        }
        self.values, self.gradients, self.offsets = bind(list(self.parameters.values()), dtype)
        for index, layer in enumerate(self.layers):
            random = np.random.default_rng((seed, index, WEIGHTS))
            draw = initializer(_auto(self.layers[index + 1 :]) if init == "auto" else init)
            for parameter in layer.parameters:
                initialize(parameter, draw, random)
            if isinstance(layer, Dropout):
                layer.seed = int(random.integers(2**32))
        if not input_gradient:
            _spare_input_gradients(self.layers)

    @property
    def output_shape(self) -> Shape:
        """The shape of one sample's output."""
        return self.shapes[-1]

    @property
    def buffers(self) -> dict[str, Array]:
        """State beside the parameters, named as in PyTorch: "2.running_mean"."""
        return {
            f"{index}.{name}": array for index, layer in enumerate(self.layers) for name, array in layer.buffers.items()
        }

    @property
    def learning_layers(self) -> list[int]:
        """Indices of the layers that have parameters."""
        return [index for index, layer in enumerate(self.layers) if layer.parameters]

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        """The output and the function that carries its gradient back, writing every parameter's gradient."""
        backwards: list[Backward] = []
        for layer in self.layers:
            x, backward = layer.forward(x, training=training)
            backwards.append(backward)

        def back(dy: Array) -> Array | None:
            gradient: Array | None = dy
            for backward in reversed(backwards):
                if gradient is not None:
                    gradient = backward(gradient)
            return gradient

        return x, back


def parse_layers(text: str) -> list[Layer]:
    """The layers that a text names, not yet built. Raises UserError that quotes what is wrong."""
    return [make(call, layers) for call in parse_calls(text, "model")]


def describe(text: str) -> list[str]:
    """The layers of a model's text, one string a layer, spelled alike: ["Flatten", "Linear(128)"]."""
    return [str(call) for call in parse_calls(text, "model")]


def require_output(model: Sequential, expected: Shape, why: str) -> None:
    """Raise ShapeError, which names the last layer and both shapes, unless the model gives `expected`."""
    if model.output_shape != expected:
        last = len(model.layers) - 1
        name = type(model.layers[last]).__name__
        raise ShapeError(f"layer {last} ({name}) gives {model.output_shape}, but {why} needs {expected}")


def _build(chain: Sequence[Layer], input_shape: Shape) -> list[Shape]:
    shapes = []
    for index, layer in enumerate(chain):
        try:
            input_shape = layer.build(input_shape)
        except ShapeError as error:
            giver = f"layer {index - 1} ({type(chain[index - 1]).__name__})" if index else "the data"
            raise ShapeError(f"layer {index}: {error}; the shape comes from {giver}") from None
        shapes.append(input_shape)
    if not any(layer.parameters for layer in chain):
        raise UserError("the model has nothing to learn; add a layer with weights, such as Linear(10)")
    return shapes


def _auto(following: Sequence[Layer]) -> str:
    """The initializer that suits the next activation; LeCun's, which keeps the variance, where there is none."""
    for layer in following:
        if layer.suits:
            return layer.suits
        if any(parameter.fan_in for parameter in layer.parameters):
            break
    return "lecun_normal"


def _spare_input_gradients(chain: Sequence[Layer]) -> None:
    """Nothing learns from the gradient of the data: the layers up to the first that learns need not form it."""
    for layer in chain:
        layer.needs_input_gradient = False
        if layer.parameters:
            break
