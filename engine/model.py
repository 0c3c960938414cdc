"""The chain of layers."""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.arrays import Array, Shape
from engine.errors import ShapeError, UserError
from engine.expressions import Call, make, parse_calls
from engine.initializers import initialize, initializer
from engine.layers import Backward, Layer, Leaf, layers
from engine.layers.chain import build_chain, forward_chain
from engine.layers.dropout import Dropout
from engine.parameters import bind

WEIGHTS = 1
"""Keeps the stream of starting weights apart from those that order the epochs of the same seed."""


class Sequential:
    """y = layer_n(... layer_1(x)).   x: (batch, *input_shape) → y: (batch, *output_shape).

    Written as text, "Flatten, Linear(128), ReLU, Linear(10)", or given as layers. All parameters are views into
    `values`, their gradients into `gradients`; parameter p lies in `values[offsets[p]:offsets[p + 1]]`, and is named as
    in PyTorch: "1.weight". The same seed gives the same starting weights.

    `leaves` are the layers that stand around no others, first to last: not a Residual, but those inside it.

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
        self.input_shape = input_shape
        self.leaves = build_chain(self.layers, input_shape)
        if isinstance(chain, str):
            texts = describe(chain)
            self.leaves = [leaf._replace(text=text) for leaf, text in zip(self.leaves, texts, strict=True)]
        if not self.learning_layers:
            raise UserError("the model has nothing to learn; add a layer with weights, such as Linear(10)")
        self.parameters = {
            f"{leaf.name}.{parameter.name}": parameter for leaf in self.leaves for parameter in leaf.layer.parameters
        }
        self.values, self.gradients, self.offsets = bind(list(self.parameters.values()), dtype)
        self._initializers = [
            initializer(_auto(self.leaves[place + 1 :]) if init == "auto" else init)
            for place in range(len(self.leaves))
        ]
        for leaf, draw in zip(self.leaves, self._initializers, strict=True):
            random = np.random.default_rng((seed, *map(int, leaf.name.split(".")), WEIGHTS))
            for parameter in leaf.layer.parameters:
                initialize(parameter, draw, random)
            if isinstance(leaf.layer, Dropout):
                leaf.layer.seed = int(random.integers(2**32))
        if not input_gradient:
            _spare_input_gradients(self.leaves)

    @property
    def output_shape(self) -> Shape:
        """The shape of one sample's output."""
        return self.leaves[-1].output_shape

    @property
    def parameter_count(self) -> int:
        """Numbers that are learned; `values` has a few more, which fill rows up."""
        return sum(parameter.size for parameter in self.parameters.values())

    @property
    def buffers(self) -> dict[str, Array]:
        """State beside the parameters, named as in PyTorch: "2.running_mean"."""
        return {f"{leaf.name}.{name}": array for leaf in self.leaves for name, array in leaf.layer.buffers.items()}

    @property
    def learning_layers(self) -> list[Leaf]:
        """The layers that have parameters."""
        return [leaf for leaf in self.leaves if leaf.layer.parameters]

    @property
    def dropouts(self) -> list[Dropout]:
        """The layers that draw at random, whole channels or single numbers."""
        return [leaf.layer for leaf in self.leaves if isinstance(leaf.layer, Dropout)]

    @property
    def frozen(self) -> list[int]:
        """The places of the parameters that are not to be updated."""
        return [place for place, parameter in enumerate(self.parameters.values()) if parameter.frozen]

    def leaf(self, label: str) -> Leaf:
        """The layer that is called so, by its name or with its text: "1" or "1 Linear(128)". Raises UserError."""
        for leaf in self.leaves:
            if label in (leaf.name, leaf.label):
                return leaf
        known = ", ".join(repr(leaf.label) for leaf in self.leaves)
        raise UserError(f"layer {label!r}: there is none of that name; known: {known}")

    def activation_of(self, leaf: Leaf) -> Leaf | None:
        """The activation that a layer goes through, before the next weights; an activation is its own."""
        place = self.leaves.index(leaf)
        for found in self.leaves[place:]:
            if found.layer.suits:
                return found
            if found is not leaf and any(parameter.fan_in for parameter in found.layer.parameters):
                break
        return None

    def draw(self, random: np.random.Generator) -> None:
        """Give all parameters other starting values, from the same initializers."""
        for leaf, draw in zip(self.leaves, self._initializers, strict=True):
            for parameter in leaf.layer.parameters:
                initialize(parameter, draw, random)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        """The output and the function that carries its gradient back, writing every parameter's gradient."""
        return forward_chain(self.layers, x, training=training)


def parse_layers(text: str) -> list[Layer]:
    """The layers that a text names, not yet built. Raises UserError that quotes what is wrong."""
    return [make(call, layers) for call in parse_calls(text, "model")]


def describe(text: str) -> list[str]:
    """The leaves of a model's text, one string a layer, spelled alike: ["Flatten", "Linear(128)"]."""
    return [str(call) for call in _innermost(parse_calls(text, "model"))]


def with_layer(text: str, name: str, layer: str) -> str:
    """The model's text with another layer in the place of the leaf of that name: of "3.0", the first in the fourth."""

    def replaced(calls: Sequence[Call], path: Sequence[int]) -> list[Call]:
        first, *rest = path
        inner = calls[first]
        (new,) = (
            [inner._replace(arguments=tuple(replaced(inner.inside, rest)))] if rest else parse_calls(layer, "layer")
        )
        return [*calls[:first], new, *calls[first + 1 :]]

    return ", ".join(map(str, replaced(parse_calls(text, "model"), [int(part) for part in name.split(".")])))


def require_output(model: Sequential, expected: Shape, why: str, remedy: str = "") -> None:
    """Raise ShapeError, which names the last layer and both shapes, unless the model gives `expected`."""
    require_shape(model.layers, model.output_shape, expected, why, remedy)


def require_shape(chain: Sequence[Layer], given: Shape, expected: Shape, why: str, remedy: str = "") -> None:
    """The same of layers that are in no model yet."""
    if given != expected:
        last = len(chain) - 1
        raise ShapeError(
            f"layer {last} ({type(chain[last]).__name__}) gives {given}, but {why} needs {expected}{remedy}"
        )


def _innermost(calls: Sequence[Call]) -> Iterator[Call]:
    for call in calls:
        yield from _innermost(call.inside) if call.inside else [call]


def _auto(following: Sequence[Leaf]) -> str:
    """The initializer that suits the next activation; LeCun's, which keeps the variance, where there is none."""
    for leaf in following:
        if leaf.layer.suits:
            return leaf.layer.suits
        if any(parameter.fan_in for parameter in leaf.layer.parameters):
            break
    return "lecun_normal"


def _spare_input_gradients(leaves: Sequence[Leaf]) -> None:
    """Nothing learns from the gradient of the data: the layers up to the first that learns need not form it."""
    for leaf in leaves:
        leaf.layer.needs_input_gradient = False
        if leaf.layer.parameters:
            break
