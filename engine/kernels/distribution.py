"""How numbers are distributed: counts over even bins, moments."""

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


@kernel
def moments(values: Array, figures: Array) -> None:
    """figures = how many values are finite, the largest |value| of these, their sum, the sum of their squares.

    figures: (4,) float64. Each value counts at its own precision, the sums are float64.
    """
    count, largest, total, squares = 0, 0.0, 0.0, 0.0
    for i in range(values.size):
        value = float(values[i])
        # No branch, so that the loop runs on vectors: x - x is 0, but for what is not finite.
        finite = value - value == 0.0
        value = value if finite else 0.0
        count += 1 if finite else 0
        largest = max(largest, abs(value))
        total += value
        squares += value * value
    figures[0], figures[1], figures[2], figures[3] = count, largest, total, squares


def moments_reference(values: Array, figures: Array) -> None:
    """What `moments` computes."""
    finite = values[np.isfinite(values)].astype(np.float64)
    figures[:] = finite.size, np.abs(finite).max(initial=0.0), finite.sum(), np.square(finite).sum()
