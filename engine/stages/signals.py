"""What flows between the stages of a step: values on the way forward, gradients on the way back."""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array, Shape
from engine.kernels.crew import Segment
from engine.layers import Layer
from engine.layers.conv2d import Conv2d
from engine.layers.dropout import Dropout
from engine.layers.residual import Residual
from engine.parameters import Parameter, padded


class Settling(NamedTuple):
    """How a dense layer goes back through its rectifier: the next one does it with each part of the gradient it makes.

    The operands of `linear_settle` without the last two, the bias, and the group in which it is done otherwise.
    """

    operands: list[Any]
    bias: Parameter | None
    group: list[Segment]


class Rows:
    """One vector a sample.   value: (batch, padded features); gradient, once asked for: (features, padded batch).

    A gradient lies the other way round because the weights do: the product that makes it reads them as they are.
    What fills a row up to its padded width is of no meaning, but finite.
    """

    def __init__(self, batch: int, features: int) -> None:
        self.batch, self.features = batch, features
        self.value = np.zeros((batch, padded(features)), np.float32)
        self.gradient: Array | None = None
        self.settling: Settling | None = None
        """Of the dense layer that gave it, while nothing but the next layer adds to the gradient."""

    @property
    def shape(self) -> Shape:
        """Of one sample."""
        return (self.features,)

    def need_gradient(self) -> Array:
        """The gradient's buffer, made when first asked for."""
        if self.gradient is None:
            self.gradient = np.zeros((self.features, padded(self.batch)), np.float32)
        return self.gradient

    def read(self, count: int) -> Array:
        """The values of the first samples, as a layer gives them."""
        return self.value[:count, : self.features]

    def write(self, x: Array) -> None:
        """Set the values of the first samples."""
        self.value[: len(x), : self.features] = x.reshape(len(x), -1)


class Maps:
    """Pictures, channels last, with a border of zeros for the convolution that reads them.

    value: (batch, height + 2 border, width + 2 border, padded channels); gradient: the same without border.
    Channels last, because then bias, rectifier, pooling and every product work on whole vectors of them.
    """

    def __init__(self, batch: int, shape: Shape, border: int = 0, *, given: bool = False) -> None:
        self.batch, self.shape, self.border = batch, shape, border
        channels, height, width = shape
        # What is given, no product writes: it needs no padding.
        depth = channels if given else padded(channels)
        self.value = np.zeros((batch, height + 2 * border, width + 2 * border, depth), np.float32)
        self.gradient: Array | None = None

    def need_gradient(self) -> Array:
        """The gradient's buffer, made when first asked for."""
        if self.gradient is None:
            channels, height, width = self.shape
            self.gradient = np.zeros((self.batch, height, width, padded(channels)), np.float32)
        return self.gradient

    @property
    def inside(self) -> Array:
        """The values without border and padding: (batch, height, width, channels)."""
        channels, height, width = self.shape
        b = self.border
        return self.value[:, b : b + height, b : b + width, :channels]

    def read(self, count: int) -> Array:
        """The values of the first samples, as a layer gives them."""
        return self.inside[:count].transpose(0, 3, 1, 2)

    def write(self, x: Array) -> None:
        """Set the values of the first samples."""
        self.inside[: len(x)] = x.transpose(0, 2, 3, 1)


Signal = Rows | Maps


def size_of(shape: Shape) -> int:
    """Numbers of one sample."""
    return prod(shape)


def even_chunks(count: int, most: int, multiple: int = 1) -> int:
    """The least size, a multiple of `multiple`, of which at most `most` chunks cover `count`."""
    return -(-count // (most * multiple)) * multiple


def border_for(following: Sequence[Layer]) -> int:
    """The border of zeros that the next convolution reads, if nothing makes a new signal before it."""
    match list(following):
        case [Conv2d() as layer, *_]:
            return max(layer.padding)
        case [Residual() as layer, *rest]:
            return border_for([*layer.chain, *rest])
        case [Dropout(), *rest]:
            return border_for(rest)
    return 0


def like(x: Signal, following: Sequence[Layer]) -> Signal:
    """Another signal of x's shape, for the layers that follow."""
    return Rows(x.batch, x.features) if isinstance(x, Rows) else Maps(x.batch, x.shape, border_for(following))


def as_maps(x: Signal) -> Array:
    """The values in four dimensions: a vector is a picture of one pixel."""
    return x.value.reshape(x.batch, 1, 1, -1) if isinstance(x, Rows) else x.value
