"""How every contestant's steps are timed: its file says how to build them, this one does the rest."""

import gc
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from benchmarks.workloads import WORKLOADS, Workload
from engine.machine import peak_memory_mb

Steps = Callable[[int], object]
"""Takes so many steps; returns when the last one has been taken."""

Build = Callable[[Workload, str], Steps]
"""The steps of a workload in one of its variants."""

WARM_S, TRIAL_S, TRIALS = 0.15, 0.3, 3


class Timer:
    """One workload at a time: chosen, prepared, run."""

    def __init__(self, variants: Callable[[Workload], Sequence[str]], build: Build) -> None:
        self._variants = variants
        self._build = build
        self._steps: Steps = lambda count: None

    @property
    def calls(self) -> dict[str, Callable[..., Any]]:
        """What may be ordered."""
        return {"choose": self.choose, "prepare": self.prepare, "run": self.run}

    def choose(self, workload: str) -> dict[str, Any]:
        """The fastest variant on this machine, and the milliseconds of each; a variant that fails says why.

        The first call is that of the first variant: nobody has compiled or loaded anything before it.
        """
        tried: dict[str, float | str] = {}
        first_call_s = None
        for variant in self._variants(WORKLOADS[workload]):
            try:
                seconds = self.prepare(workload, variant)["first_call_s"]
                first_call_s = seconds if first_call_s is None else first_call_s
                tried[variant] = min(self._span(TRIAL_S) for _ in range(TRIALS)) * 1e3
            except Exception as error:
                tried[variant] = f"{type(error).__name__}: {error}"
        times = {variant: ms for variant, ms in tried.items() if isinstance(ms, float)}
        if not times:
            raise RuntimeError("; ".join(f"{variant}: {reason}" for variant, reason in tried.items()))
        best = min(times, key=times.__getitem__)
        return {"variant": best, "tried": tried, "first_call_s": first_call_s}

    def prepare(self, workload: str, variant: str) -> dict[str, float]:
        """Build, and take the first step, with all that is compiled on the way."""
        self._steps = lambda count: None  # the one before is not to count in this one's memory
        gc.collect()
        began = perf_counter()
        self._steps = self._build(WORKLOADS[workload], variant)
        self._steps(1)
        return {"first_call_s": perf_counter() - began}

    def run(self, seconds: float) -> dict[str, float | None]:
        """Milliseconds a step over about so many seconds, after a warm-up; and the most memory so far."""
        return {"ms": self._span(seconds) * 1e3, "peak_mb": peak_memory_mb()}

    def _span(self, seconds: float) -> float:
        """Seconds a step. The warm-up doubles its count until it has lasted: the last part tells how many fit."""
        count, step_s = 1, self._time(1)
        while count * step_s < WARM_S:
            count *= 2
            step_s = self._time(count)
        return self._time(max(1, round(seconds / step_s)))

    def _time(self, count: int) -> float:
        began = perf_counter()
        self._steps(count)
        return (perf_counter() - began) / count
