"""The weights of a network: copied, and put into one; for a look only, its own are back afterwards, to the bit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from engine.arrays import Array
from engine.model import Sequential


class Weights(NamedTuple):
    """All parameters and running statistics, or copies of them."""

    values: Array
    buffers: Mapping[str, Array]


def weights_of(model: Sequential) -> Weights:
    """Copies of those that it has now."""
    return Weights(model.values.copy(), {name: array.copy() for name, array in model.buffers.items()})


def put_weights(model: Sequential, weights: Weights) -> None:
    """Have these from now on."""
    model.values[...] = weights.values
    for name, array in model.buffers.items():
        array[...] = weights.buffers[name]


@contextmanager
def weights_kept(model: Sequential) -> Iterator[None]:
    """Inside, others may be put; afterwards, whatever happened, they are those from before."""
    now = weights_of(model)
    try:
        yield
    finally:
        put_weights(model, now)
