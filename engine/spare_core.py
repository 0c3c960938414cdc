"""A core for others of this process, a screen above all: while they want it, threads of the crew step aside."""

import numpy as np

from engine.arrays import Array


def _counter() -> Array:
    """A number in the middle of a cache line that it shares with nothing else that is written to."""
    return np.zeros(33, np.int64)[16:17]


_WANTED, _AT_WORK = _counter(), _counter()

WANTED, AT_WORK = _WANTED.ctypes.data, _AT_WORK.ctypes.data
"""Where compiled code sees whether it is wanted, and counts the threads that have not stepped aside."""


def want(wanted: bool) -> None:
    """Say so; the last one to speak is right."""
    _WANTED[0] = wanted


def at_work() -> int:
    """Threads in the middle of a job that step aside when they have done their part of it."""
    return int(_AT_WORK[0])
