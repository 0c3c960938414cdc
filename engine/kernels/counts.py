"""Histogram counts over even bins."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel


@kernel
def bin_counts(values: Array, low: float, high: float, counts: Array) -> None:
    """counts[b] = how many values lie in the b-th of even bins from low to high, both ends included.

    Values outside, and NaN, are counted in no bin.
    """
    bins = counts.size
    counts[:] = 0
    for i in range(values.size):
        if low <= values[i] <= high:
            counts[min(int((values[i] - low) * bins / (high - low)), bins - 1)] += 1


def bin_counts_reference(values: Array, low: float, high: float, counts: Array) -> None:
    """What `bin_counts` computes."""
    values = values.astype(np.float64)
    inside = values[(values >= low) & (values <= high)]
    bins = np.minimum((inside - low) * counts.size / (high - low), counts.size - 1).astype(np.int64)
    counts[:] = np.bincount(bins, minlength=counts.size)
