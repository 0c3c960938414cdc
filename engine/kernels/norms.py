"""Sums of squares by parts of a vector: the norm of each layer's gradient."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel


@kernel
def square_sums(vector: Array, offsets: Array, sums: Array) -> None:
    """sums[p] = sum of vector[offsets[p]:offsets[p + 1]]^2, in float64: a float32 sum loses the small ones."""
    for p in range(sums.size):
        total = 0.0
        for i in range(offsets[p], offsets[p + 1]):
            total += np.float64(vector[i]) * np.float64(vector[i])
        sums[p] = total


def square_sums_reference(vector: Array, offsets: Array, sums: Array) -> None:
    """What `square_sums` computes."""
    for p in range(sums.size):
        sums[p] = np.square(vector[offsets[p] : offsets[p + 1]].astype(np.float64)).sum()
