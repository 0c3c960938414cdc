"""Random draws without a generator: each is a hash of a key and a number, whoever asks, whenever."""

import numpy as np

from engine.kernels.compiled import kernel


@kernel
def hashed(key: np.uint64, number: np.uint64) -> np.uint64:
    """Draw `number` of the generator splitmix64 that begins at `key`: 64 bits.

    Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", fig. 17.
    """
    z = key + (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def hashed_reference(key: np.uint64, number: np.uint64) -> np.uint64:
    """What `hashed` computes, for a number or an array of them."""
    with np.errstate(over="ignore"):
        z = key + (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def uniform(key: np.uint64, number: np.uint64) -> float:
    """A draw of 24 bits from -1 up to, not with, 1: exact in both precisions."""
    return np.int32(hashed(key, number) >> np.uint64(40)) * 2.0**-23 - 1.0


def uniform_reference(key: np.uint64, number: np.uint64) -> float:
    """What `uniform` computes, for a number or an array of them."""
    return (hashed_reference(key, number) >> np.uint64(40)) * 2.0**-23 - 1.0
