"""A core for others of this process, a screen above all: while they want it, threads of the crew step aside."""

import numpy as np

_WANTED = np.zeros(32, np.int64)
"""One flag for the process, in the middle; the others keep it away from whatever else is written to."""

ADDRESS = _WANTED.ctypes.data + _WANTED.nbytes // 2
"""Where compiled code sees whether it is wanted."""


def want(wanted: bool) -> None:
    """Say so; the last one to speak is right."""
    _WANTED[_WANTED.size // 2] = wanted
