"""Weights put into a network for a look, and taken out again: the network that learns is left as it was, to the bit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from engine.arrays import Array
from engine.model import Sequential


class Weights(NamedTuple):
    """Copies of all parameters and running statistics."""

    values: Array
    buffers: Mapping[str, Array]


def weights_of(model: Sequential) -> Weights:
    """Those that it has now."""
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
