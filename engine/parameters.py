"""Parameters: named views into one flat vector, so that an update or a norm is one pass over memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from engine.arrays import Array, Shape, zero_vectors
from engine.errors import UserError
from engine.machine import memory_bytes

COPIES = 6
"""Values, gradients, two moments, and the numbers drawn for them, which are of double width."""


PADDING = 8
"""float32 numbers in the narrowest vector that kernels work with: the rows of stored matrices are multiples of it."""


def padded(width: int) -> int:
    """The next multiple of `PADDING`."""
    return -(-width // PADDING) * PADDING


@dataclass(eq=False)
class Parameter:
    """A named tensor of a layer and its gradient: both are views, written in place and kept for life.

    `fan_in` and `fan_out` (inputs and outputs of one unit) are what an initializer scales by;
    a parameter without them starts at `fill`. A `transposed` matrix (out, in) lies in memory as (in, padded(out)),
    zeros behind: the order in which a product of rows reads it. A `frozen` one has a gradient, but is not updated.
    """

    name: str
    shape: Shape
    fan_in: int = 0
    fan_out: int = 0
    fill: float = 0.0
    transposed: bool = False
    frozen: bool = False
    value: Array = field(init=False, repr=False)
    gradient: Array = field(init=False, repr=False)
    stored_value: Array = field(init=False, repr=False)
    """As it lies in memory: contiguous."""
    stored_gradient: Array = field(init=False, repr=False)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    @property
    def stored_shape(self) -> Shape:
        """The shape in memory."""
        return (self.shape[1], padded(self.shape[0])) if self.transposed else self.shape

    def place(self, values: Array, gradients: Array) -> None:
        """Point it at its part of the flat vectors."""
        self.stored_value, self.stored_gradient = (
            values.reshape(self.stored_shape),
            gradients.reshape(self.stored_shape),
        )
        self.value, self.gradient = self.stored_value, self.stored_gradient
        if self.transposed:
            out = self.shape[0]
            self.value, self.gradient = self.stored_value[:, :out].T, self.stored_gradient[:, :out].T


def require_memory(count: int, dtype: type[np.floating] = np.float32) -> None:
    """Raise UserError where there is no memory to train so many numbers."""
    memory = memory_bytes()
    if memory is not None and count * np.dtype(dtype).itemsize * COPIES > memory:
        raise UserError(f"the model has {count:,} parameters; there is no memory to train so many")


def bind(parameters: Sequence[Parameter], dtype: type[np.floating]) -> tuple[Array, Array, Array]:
    """Lay the parameters out in one vector of values and one of gradients, and point them at their parts.

    Returns (values, gradients, offsets): parameter i is values[offsets[i]:offsets[i + 1]]. Raises UserError where
    there is no memory for them.
    """
    count = sum(prod(parameter.stored_shape) for parameter in parameters)
    learned = sum(parameter.size for parameter in parameters)
    require_memory(learned, dtype)
    try:
        values, gradients = zero_vectors(2, count, dtype)
    except (MemoryError, ValueError, OverflowError):
        text = f"the model has {learned:,} parameters; there is no memory to train so many"
        raise UserError(text) from None
    offsets = np.cumsum([0, *(prod(parameter.stored_shape) for parameter in parameters)], dtype=np.int64)
    for parameter, start, stop in zip(parameters, offsets[:-1], offsets[1:], strict=True):
        parameter.place(values[start:stop], gradients[start:stop])
    return values, gradients, offsets
