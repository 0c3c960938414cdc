"""How far apart two cores are: on a virtual machine that changes within seconds, and two threads' speed with it."""

import sys
from collections.abc import Callable
from functools import cache
from statistics import median
from time import perf_counter, sleep
from typing import Any, TypeVar

import numpy as np

from engine.kernels.compiled import phase
from engine.kernels.crew import Crew, Job, Segment
from engine.kernels.intrinsics import atomic_load, fetch_add, relax
from engine.kernels.operands import integers, table_of
from engine.machine import available_threads

Result = TypeVar("Result")

GROUPS, PATIENCE = 2_000, 10_000

USUAL_NS = (120, 900)
"""What a meeting of two threads takes on cores of their own that share a cache. On two halves of one core it is less,
on cores that share none well over a microsecond; the system under a virtual machine moves it from one to the other."""

TRIES, REST_S = 60, 1.0
"""How often a run is measured anew, and how long is waited for better cores."""


@phase
def meet(t: Any, chunk: int, thread: int) -> None:
    """Wait for whoever does the other chunk of the group, but not for ever: it may be asleep."""
    count = integers(t, 0).ctypes.data
    came = fetch_add(count, 1)  # type: ignore[call-arg, var-annotated]
    for _ in range(PATIENCE):
        if atomic_load(count) >= came // 2 * 2 + 2:
            break
        relax()


_count = np.zeros(1, np.int64)


@cache
def _job() -> Job:
    return Job([[Segment(meet, table_of([_count]), 2)]] * GROUPS)


def meeting_ns() -> float:
    """Nanoseconds that two threads need to meet twice and part, median of seven."""
    with Crew(2) as crew:
        crew.run(_job())
        times = []
        for _ in range(7):
            began = perf_counter()
            crew.run(_job())
            times.append((perf_counter() - began) / GROUPS * 1e9)
    return median(times)


class Steady:
    """Measures while the two cores are as usual, before and after; anew, where they were not.

    What has been thrown away says nothing of the figures: only of where the machine's cores were. unchecked: how many
    results are of other cores, for they never were as usual.
    """

    def __init__(self) -> None:
        self.unchecked = 0

    def __call__(self, measure: Callable[[], Result]) -> Result:
        """What is measured; after so many tries, which is told, whatever the cores are."""
        for _ in range(TRIES):
            if not _usual():
                sleep(REST_S)
                continue
            result = measure()
            if _usual():
                return result
        self.unchecked += 1
        print(f"cores: not as usual in {TRIES} tries; this run counts as it is", file=sys.stderr, flush=True)
        return measure()


def told(unchecked: int) -> str:
    """What is to be said of results that `Steady` counts so."""
    return f"{unchecked} of these runs were with the cores in an unusual place"


def _usual() -> bool:
    low, high = USUAL_NS
    return available_threads() != 2 or low <= meeting_ns() <= high
