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

LONG = 1 << 16
"""Bytes from which on vectors get huge pages."""

LINE = 64
"""Bytes of a cache line: no two vectors share one."""


def zero_vectors(number: int, count: int, dtype: type[np.floating] | np.dtype[Any]) -> list[Array]:
    """So many vectors of `count` zeros; long ones lie side by side in huge pages where the system has them.

    A pass over weights, gradients and moments touches more small pages than the processor has entries for: a step of
    784-512-512-10 took a fifth longer. Where small pages lie is luck besides, and a process that has a screen has less
    of it: one of 784-128-64-10 took 7 % longer there (docs/performance.md). Raises MemoryError, ValueError or
    OverflowError.
    """
    size = count * np.dtype(dtype).itemsize
    apart = -(-size // LINE) * LINE
    if number * apart < LONG or not hasattr(mmap, "MADV_HUGEPAGE"):
        return [np.zeros(count, dtype) for _ in range(number)]
    # Whole pages: the system gives no huge one that reaches beyond what was asked for.
    pages = -(-number * apart // HUGE_PAGE) + 1
    try:
        # Not the shared memory that is Python's default: few systems have huge pages for that.
        memory = mmap.mmap(-1, pages * HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as error:
        raise MemoryError(str(error)) from None
    memory.madvise(mmap.MADV_HUGEPAGE)
    held = np.frombuffer(memory, np.uint8)
    first = -held.ctypes.data % HUGE_PAGE
    return [held[start : start + size].view(dtype) for start in range(first, first + number * apart, apart)]
