"""The array types that signatures name, and memory for long vectors."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""A NumPy array; the docstring beside it says the shape."""

Shape = tuple[int, ...]
"""The shape of one sample, without the batch axis: (1, 28, 28) for a grey picture."""

HUGE_PAGE = 2 << 20
"""Bytes."""

LONG = 1 << 20
"""Bytes from which on a vector gets huge pages."""


def zero_vector(count: int, dtype: type[np.floating] | np.dtype[Any]) -> Array:
    """A vector of zeros; a long one lies in huge pages where the system has them.

    A pass over weights, gradients and moments touches more small pages than the processor has entries for: a step of
    784-512-512-10 took a fifth longer (docs/performance.md). Raises MemoryError, ValueError or OverflowError.
    """
    size = count * np.dtype(dtype).itemsize
    if size < LONG or not hasattr(mmap, "MADV_HUGEPAGE"):
        return np.zeros(count, dtype)
    try:
        memory = mmap.mmap(-1, size + HUGE_PAGE)
    except OSError as error:
        raise MemoryError(str(error)) from None
    memory.madvise(mmap.MADV_HUGEPAGE)
    held = np.frombuffer(memory, np.uint8)
    start = -held.ctypes.data % HUGE_PAGE
    vector: Array = held[start : start + size].view(dtype)
    return vector
