"""Mean and deviation of what is trained on, and samples with both taken off."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array

BLOCK = 1 << 20
"""Numbers that are converted at a time: a float64 copy of a large table would double its memory."""

SMALLEST = 1e-30
"""A deviation below it is one of rounding."""


def pixel_statistics(pictures: Array, chosen: NDArray[np.int64]) -> tuple[float, float]:
    """Mean and standard deviation of all pixels of the chosen pictures, as 0..1. Pictures of one grey have 1.

    One of each for all channels: what differs between them is what a colour is. Bytes are counted, which is exact.
    """
    if pictures.dtype == np.uint8:
        counts = np.zeros(256, dtype=np.int64)
        for index in chosen.tolist():
            counts += np.bincount(pictures[index].ravel(), minlength=256)
        values = np.arange(256) / 255
        mean = float(counts @ values / counts.sum())
        std = float(np.sqrt(counts @ (values - mean) ** 2 / counts.sum()))
        return mean, std or 1.0
    means, squares = _moments(pictures, chosen)
    mean = float(means.mean())
    std = float(np.sqrt((squares + (means - mean) ** 2).mean()))
    return mean, std if std > SMALLEST else 1.0


def column_statistics(rows: Array, chosen: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column of the chosen rows. A column of one value has that value and 1.

    rows: (count, columns)
    """
    means, squares = _moments(rows, chosen)
    first = rows[chosen[0]].astype(np.float64)
    constant = np.ones(rows.shape[1], bool)
    for block in _blocks(rows, chosen):
        constant &= (rows[block] == first).all(axis=0)
    std = np.sqrt(squares)
    # The mean of equal numbers may be off by a rounding: it must not be divided by.
    return np.where(constant, first, means), np.where(constant | (std < SMALLEST), 1.0, std)


def standardized(
    samples: Array,
    chosen: NDArray[np.int64],
    mean: float | NDArray[np.float64],
    std: float | NDArray[np.float64],
) -> NDArray[np.float32]:
    """(values - mean) / std of the chosen samples; the pixels of pictures in bytes are 0..1."""
    x = np.empty((len(chosen), *samples.shape[1:]), np.float32)
    pixels = samples.dtype == np.uint8 and samples.ndim > 2
    first = 0
    # A number beyond float32 is infinite, and the loss then says so.
    with np.errstate(over="ignore"):
        for block in _blocks(samples, chosen):
            values: Array = samples[block].astype(np.float32 if pixels else np.float64)
            x[first : first + len(block)] = ((values / 255 if pixels else values) - mean) / std
            first += len(block)
    return x


def _moments(samples: Array, chosen: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean of each of a sample's numbers, in one row, and the mean square of what is left without it."""
    means = np.zeros(samples[0].size)
    for block in _blocks(samples, chosen):
        means += samples[block].reshape(len(block), -1).sum(axis=0, dtype=np.float64)
    means /= len(chosen)
    squares = np.zeros(samples[0].size)
    for block in _blocks(samples, chosen):
        squares += ((samples[block].reshape(len(block), -1) - means) ** 2).sum(axis=0)
    return means, squares / len(chosen)


def _blocks(samples: Array, chosen: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    size = max(1, BLOCK // max(1, samples[0].size))
    for first in range(0, len(chosen), size):
        yield chosen[first : first + size]
