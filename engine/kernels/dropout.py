"""Dropout without a stored mask: each draw is a hash of (key, position), so the backward pass draws it again."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel


@kernel
def dropout(x: Array, key: np.uint64, threshold: np.uint64, scale: float, y: Array) -> None:
    """y = scale x where a 24-bit draw is below the threshold, else 0.

    The draw is splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", fig. 17) of
    key + position: independent of threads and of the order of evaluation, and resumed by knowing the key alone.
    """
    for i in range(x.size):
        z = key + np.uint64(i) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        y[i] = scale * x[i] if z >> np.uint64(40) < threshold else x.dtype.type(0)


def dropout_reference(x: Array, key: np.uint64, threshold: np.uint64, scale: float, y: Array) -> None:
    """What `dropout` computes."""
    with np.errstate(over="ignore"):
        z = key + np.arange(x.size, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    y[...] = np.where(z >> np.uint64(40) < threshold, scale * x, 0)
