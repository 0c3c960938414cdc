"""What all layers have in common."""

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from engine.arrays import Array, Shape
from engine.errors import ShapeError
from engine.parameters import Parameter
from engine.registry import Registry

Backward = Callable[[Array], Array | None]
"""dy → dx of one forward pass; gradients of parameters are written, not added, on the way.

None where nobody asked for dx (`Layer.needs_input_gradient`).
"""


class Layer:
    """One step of a network. What a backward pass needs is a local of its forward pass, never an attribute.

    `build` is called once, before anything else, with the shape of one sample.
    """

    suits: ClassVar[str | None] = None
    """The initializer of the weights before it that keeps signals alive through it; None: it bends nothing."""

    def __init__(self) -> None:
        self.parameters: list[Parameter] = []
        self.buffers: dict[str, Array] = {}
        """State beside the parameters that a checkpoint keeps, under PyTorch's names."""
        self.leaves: list[Leaf] = []
        """The layers inside, once built, of one that is put around a chain: parameters and buffers are theirs."""
        self.needs_input_gradient = True
        """False spares the first layers a product that nobody reads."""

    def build(self, input_shape: Shape) -> Shape:
        """Declare parameters and buffers; return the output's shape. Raises ShapeError for one that does not fit."""
        return input_shape

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        """y and the function that carries the gradient of y back to x."""
        raise NotImplementedError


class Leaf(NamedTuple):
    """A layer with none inside, and where it stands: "3.0" is the first one inside the fourth, as in PyTorch."""

    name: str
    text: str
    layer: Layer
    input_shape: Shape
    output_shape: Shape

    @property
    def label(self) -> str:
        """What it is called wherever it is shown: "3.0 Conv2d(16, 3)"."""
        return f"{self.name} {self.text}"


layers: Registry[Callable[..., Layer]] = Registry("layer", __package__)


def require_features(name: str, input_shape: Shape) -> int:
    """The count of features. Raises ShapeError unless a sample is one vector."""
    if len(input_shape) != 1:
        raise ShapeError(f"{name} takes samples of shape (features,), not {input_shape}; put Flatten before it")
    return input_shape[0]


def require_picture(name: str, input_shape: Shape) -> tuple[int, int, int]:
    """Channels, height and width. Raises ShapeError unless a sample is a picture."""
    if len(input_shape) != 3:
        raise ShapeError(f"{name} takes samples of shape (channels, height, width), not {input_shape}")
    channels, height, width = input_shape
    return channels, height, width
