"""Dropout without a stored mask: each draw is a hash of (key, position), so the backward pass draws it again."""

from typing import Any

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel
from engine.kernels.draws import hashed, hashed_reference


@kernel
def dropout(x: Array, key: np.uint64, threshold: np.uint64, scale: float, y: Array) -> None:
    """y = scale x where the draw of the number's place is kept, else 0."""
    for i in range(x.size):
        y[i] = scale * x[i] if kept(key, np.uint64(i), threshold) else x.dtype.type(0)


def dropout_reference(x: Array, key: np.uint64, threshold: np.uint64, scale: float, y: Array) -> None:
    """What `dropout` computes."""
    places = np.arange(x.size, dtype=np.uint64)
    y[...] = np.where(kept_reference(key, places, threshold), scale * x, 0)


@kernel
def kept(key: np.uint64, number: Any, threshold: np.uint64) -> Any:
    """Whether draw `number`, of 24 bits, is below the threshold."""
    return hashed(key, number) >> np.uint64(40) < threshold


def kept_reference(key: np.uint64, number: Any, threshold: np.uint64) -> Any:
    """What `kept` computes, for a number or an array of them."""
    return hashed_reference(key, number) >> np.uint64(40) < threshold
