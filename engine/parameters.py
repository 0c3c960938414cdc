"""Parameters: named views into one flat vector, so that an update or a norm is one pass over memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from engine.arrays import Array, Shape
from engine.errors import UserError
from engine.machine import memory_bytes

COPIES = 6
"""Values, gradients, two moments, and the numbers drawn for them, which are of double width."""


@dataclass(eq=False)
class Parameter:
    """A named tensor of a layer and its gradient: both are views, written in place and kept for life.

    `fan_in` and `fan_out` (inputs and outputs of one unit) are what an initializer scales by;
    a parameter without them starts at `fill`.
    """

    name: str
    shape: Shape
    fan_in: int = 0
    fan_out: int = 0
    fill: float = 0.0
    value: Array = field(init=False, repr=False)
    gradient: Array = field(init=False, repr=False)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


def bind(parameters: Sequence[Parameter], dtype: type[np.floating]) -> tuple[Array, Array, Array]:
    """Lay the parameters out in one vector of values and one of gradients, and point them at their parts.

    Returns (values, gradients, offsets): parameter i is values[offsets[i]:offsets[i + 1]]. Raises UserError where
    there is no memory for them.
    """
    count = sum(parameter.size for parameter in parameters)
    memory = memory_bytes()
    if memory is not None and count * np.dtype(dtype).itemsize * COPIES > memory:
        raise UserError(f"the model has {count:,} parameters; there is no memory to train so many")
    try:
        values, gradients = np.zeros(count, dtype), np.zeros(count, dtype)
    except (MemoryError, ValueError, OverflowError):
        raise UserError(f"the model has {count:,} parameters; there is no memory to train so many") from None
    offsets = np.cumsum([0, *(parameter.size for parameter in parameters)], dtype=np.int64)
    for parameter, start, stop in zip(parameters, offsets[:-1], offsets[1:], strict=True):
        parameter.value = values[start:stop].reshape(parameter.shape)
        parameter.gradient = gradients[start:stop].reshape(parameter.shape)
    return values, gradients, offsets
