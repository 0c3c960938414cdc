"""Grey morphology with a square: maxima, minima, and what is narrower than the square.

Gonzalez and Woods, Digital Image Processing, section 9.6 (3rd edition).
"""

import numpy as np

from engine.arrays import Array


def dilated(picture: Array, size: int) -> Array:
    """The largest value within the square of `size` (odd) around each pixel; beyond the border there is nothing."""
    reach = size // 2
    for _ in range(2):  # along the rows, transposed, along the columns
        picture = _running_maximum(picture, reach).T
    return picture


def eroded(picture: Array, size: int) -> Array:
    """The smallest value within the square."""
    return -dilated(-picture, size)


def closed(picture: Array, size: int) -> Array:
    """The picture without dark things that are narrower than the square: what is behind dark ink."""
    return eroded(dilated(picture, size), size)


def opened(picture: Array, size: int) -> Array:
    """The picture without light things that are narrower than the square: what is behind light ink."""
    return dilated(eroded(picture, size), size)


def _running_maximum(rows: Array, reach: int) -> Array:
    """Over 2 reach + 1 neighbours along the last axis, by windows that double: log(reach) passes."""
    width = rows.shape[1]
    found = np.pad(rows, ((0, 0), (reach, reach)), constant_values=-np.inf)
    covered, needed = 1, 2 * reach + 1
    while covered < needed:
        step = min(covered, needed - covered)
        found = np.maximum(found[:, : found.shape[1] - step], found[:, step:])
        covered += step
    return found[:, :width]
