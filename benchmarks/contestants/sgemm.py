"""The machine's own rate: square products of float32 matrices by NumPy's BLAS, with all threads. A step is one."""

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.contestants.steps import Steps, Timer
from benchmarks.workloads import PEAK_SIZE, Workload
from engine.machine import available_threads


def variants(workload: Workload) -> Sequence[str]:
    """One, whatever the workload."""
    return ["default"]


def build(workload: Workload, variant: str) -> Steps:
    """Products of the same two matrices."""
    threadpool_limits(available_threads())  # for the life of the process
    random = np.random.default_rng(0)
    a, b = random.standard_normal((2, PEAK_SIZE, PEAK_SIZE), np.float32)
    product = np.empty_like(a)

    def steps(count: int) -> None:
        for _ in range(count):
            np.matmul(a, b, out=product)

    return steps


CALLS = Timer(variants, build).calls
