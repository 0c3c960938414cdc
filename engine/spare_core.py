"""A core for others of this process, a screen above all: while they want it, threads of the crew step aside."""

import numpy as np

_WANTED = np.zeros(32, np.int64)
"""The word in the middle counts; the others keep it away from whatever else is written to."""

ADDRESS = _WANTED.ctypes.data + _WANTED.nbytes // 2
"""Where compiled code sees whether it is wanted."""


def want(wanted: bool) -> None:
    """Say so. It is forgotten by whoever says that it is wanted no more."""
    _WANTED[_WANTED.size // 2] = wanted
