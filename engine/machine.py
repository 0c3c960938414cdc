"""What the machine has to give, and what the process took of it."""

import os
import sys
from math import ceil
from pathlib import Path

MOST_USEFUL = 16
"""Threads beyond which a step has no more parts to share out (engine/stages/lowering.py)."""


def available_threads() -> int:
    """Processor cores that this process may run on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _quota(Path("/sys/fs/cgroup/cpu.max")) or cores))


def _quota(file: Path) -> int | None:
    """The cores that a container is allowed in the time of one, rounded up; None where there is no such limit."""
    try:
        allowed, period = file.read_text().split()
        return ceil(int(allowed) / int(period))
    except (OSError, ValueError):
        return None


def memory_bytes() -> int | None:
    """The machine's memory; None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None


def peak_memory_mb() -> float | None:
    """The largest resident memory of this process so far, in 2^20 bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)
