"""The training steps that are measured: networks over pictures of 784 pixels, what a step computes, in whose words."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from engine.errors import unknown

INPUT_SHAPE = (1, 28, 28)
CLASSES = 10
LEARNING_RATE = 1e-3

BATCHES = 32
"""Ready-made batches that a contestant steps through: no step finds its pictures in a core's own cache."""

PEAK_SIZE = 2048
"""Rows and columns of the product that tells the machine's own rate."""

PEAK_FLOPS = 2 * PEAK_SIZE**3

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Conv2d:
    """y: (channels, height, width), of products with a kernel x kernel window, at each place."""

    channels: int
    kernel: int
    padding: int = 0

    def output(self, shape: Shape) -> Shape:
        """The shape of one sample's output."""
        height, width = (size + 2 * self.padding - self.kernel + 1 for size in shape[1:])
        return (self.channels, height, width)

    def weights(self, shape: Shape) -> int:
        """How many, without the bias."""
        return self.channels * shape[0] * self.kernel**2


@dataclass(frozen=True)
class MaxPool2d:
    """The largest of each size x size block."""

    size: int

    def output(self, shape: Shape) -> Shape:
        """The shape of one sample's output."""
        return (shape[0], shape[1] // self.size, shape[2] // self.size)


@dataclass(frozen=True)
class Flatten:
    """A sample becomes one vector."""

    def output(self, shape: Shape) -> Shape:
        """The shape of one sample's output."""
        return (prod(shape),)


@dataclass(frozen=True)
class ReLU:
    """max(x, 0)."""

    def output(self, shape: Shape) -> Shape:
        """The shape of one sample's output."""
        return shape


@dataclass(frozen=True)
class Linear:
    """y: (units,)."""

    units: int

    def output(self, shape: Shape) -> Shape:
        """The shape of one sample's output."""
        return (self.units,)

    def weights(self, shape: Shape) -> int:
        """How many, without the bias."""
        return self.units * shape[0]


Layer = Conv2d | MaxPool2d | Flatten | ReLU | Linear
Chain = tuple[Layer, ...]

NETWORKS: dict[str, Chain] = {
    "mlp-small": (Flatten(), Linear(128), ReLU(), Linear(64), ReLU(), Linear(CLASSES)),
    "mlp-large": (Flatten(), Linear(512), ReLU(), Linear(512), ReLU(), Linear(CLASSES)),
    "lenet": (
        *(Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(16, 5), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(120), ReLU(), Linear(84), ReLU(), Linear(CLASSES)),
    ),
    "cnn": (
        *(Conv2d(16, 3, padding=1), ReLU(), MaxPool2d(2), Conv2d(32, 3, padding=1), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(128), ReLU(), Linear(CLASSES)),
    ),
    "keras-cnn": (
        *(Conv2d(32, 3), ReLU(), Conv2d(64, 3), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(128), ReLU(), Linear(CLASSES)),
    ),
}


class Workload(NamedTuple):
    """One optimizer step: forward, cross-entropy, backward, Adam, in float32."""

    network: str
    batch: int

    @property
    def name(self) -> str:
        """As options and reports name it."""
        return f"{self.network}-{self.batch}"

    @property
    def layers(self) -> Chain:
        """First to last."""
        return NETWORKS[self.network]

    @property
    def convolutional(self) -> bool:
        """Whether the layout of a picture's numbers in memory matters."""
        return any(isinstance(layer, Conv2d) for layer in self.layers)

    @property
    def text(self) -> str:
        """The network as a model of ours."""
        return ", ".join(map(text_of, self.layers))

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum(layer.weights(before) + after[0] for layer, before, after in learning(self.layers))

    @property
    def flops(self) -> int:
        """Multiplications and additions in the products of a step: 2 for each weight, place and sample.

        Forward, gradient of the weights, gradient of the input; the last one not for the first layer. What is not
        a product (bias, ReLU, pooling, loss, optimizer) is not counted, so a share of the machine's peak is
        understated.
        """
        # The second and third size of an output, if any, are the places at which a convolution multiplies.
        products = [
            2 * self.batch * layer.weights(before) * prod(after[1:]) for layer, before, after in learning(self.layers)
        ]
        return 3 * sum(products) - products[0]


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("mlp-small", 32),
        Workload("mlp-small", 128),
        Workload("mlp-large", 64),
        Workload("mlp-large", 256),
        Workload("lenet", 32),
        Workload("lenet", 128),
        Workload("cnn", 128),
        Workload("keras-cnn", 128),
    )
}


def select(text: str) -> list[str]:
    """The workloads that a comma-separated list names, a network standing for all its batches. Raises UserError."""
    names: list[str] = []
    for word in text.split(","):
        found = [name for name, workload in WORKLOADS.items() if word in (name, workload.network)]
        if not found:
            raise unknown("workload", word, WORKLOADS)
        names += [name for name in found if name not in names]
    return names


def text_of(layer: Layer) -> str:
    """As a model of ours names it: "Conv2d(6, 5, padding=2)"."""
    match layer:
        case Conv2d(channels, kernel, padding):
            return f"Conv2d({channels}, {kernel}, padding={padding})" if padding else f"Conv2d({channels}, {kernel})"
        case MaxPool2d(number) | Linear(number):
            return f"{type(layer).__name__}({number})"
        case Flatten() | ReLU():
            return type(layer).__name__


def learning(chain: Chain) -> Iterator[tuple[Conv2d | Linear, Shape, Shape]]:
    """Each layer with weights, and the shapes of a sample before and after it."""
    shape: Shape = INPUT_SHAPE
    for layer in chain:
        before, shape = shape, layer.output(shape)
        if isinstance(layer, Conv2d | Linear):
            yield layer, before, shape
