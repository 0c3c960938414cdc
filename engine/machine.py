"""What the machine has to give, and what the process took of it."""

import os
import sys

SMALL_STEP = 1e8
"""Floating-point operations."""


def available_threads() -> int:
    """Processor cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_bytes() -> int | None:
    """The machine's memory; None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None


def suitable_threads(parameters: int, batch_size: float) -> int:
    """Threads for steps of that size: one where a product is over before a second thread has woken up.

    A step takes 6 floating-point operations for each parameter and sample. Below `SMALL_STEP` two threads were no
    faster than one on a quiet machine, and five to ten times slower beside another busy process (docs/performance.md).
    """
    return 1 if 6 * parameters * batch_size < SMALL_STEP else available_threads()


def peak_memory_mb() -> float | None:
    """The largest resident memory of this process so far, in 2^20 bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)
