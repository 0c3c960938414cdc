"""Where a line of digits may be cut: paths from top to bottom that cross little ink.

A path moves by one column a row at most, so it follows a slanted gap, and crosses touching strokes where they are thin.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array

SIDESTEP = 0.8
"""What a step aside costs, in pixels of ink: people write upright, more or less."""

ROWS = 4
"""Parts of the height; between them are the rows in which paths begin."""


class Seam(NamedTuple):
    """A way to cut: `columns[row]` is the first column right of it; `ink` is how much it crosses, in pixels."""

    columns: NDArray[np.int64]
    ink: float


def find_seams(amount: Array, *, most_ink: float, apart: float) -> list[Seam]:
    """The best ways to cut, left to right: through gaps, and where less than `most_ink` is crossed.

    amount: (height, width), 0..1. In three rows, for each column the best path through it; of these the local minima:
    one between any two strokes, however near they are. Of paths that are nearer to one another than `apart` columns,
    on the average, the one that crosses less.
    """
    height, width = amount.shape
    found = []
    for row in sorted({height * part // ROWS for part in range(1, ROWS)}):
        down, from_above = _cheapest(amount[: row + 1])
        up, from_below = _cheapest(amount[row:][::-1])
        for column in _minima(down + up - amount[row]):
            columns = np.concatenate([_traced(from_above, column)[::-1], _traced(from_below, column)[1:]])
            ink = float(amount[np.arange(height), columns].sum())
            if ink <= most_ink and 0 < column < width - 1:
                found.append(Seam(columns, ink))
    seams: list[Seam] = []
    for seam in sorted(found, key=lambda seam: seam.ink):
        if all(np.abs(kept.columns - seam.columns).mean() >= apart for kept in seams):
            seams.append(seam)
    return sorted(seams, key=lambda seam: float(seam.columns.mean()))


def _cheapest(amount: Array) -> tuple[Array, NDArray[np.int8]]:
    """The cost of the best path from the first row to each pixel of the last, and for each pixel where it comes from.

    Avidan and Shamir 2007, ACM Transactions on Graphics 26(3), section 3, on ink in place of gradients.
    """
    height, width = amount.shape
    came = np.zeros((height, width), np.int8)
    total = amount[0].astype(np.float64)
    choices = np.full((3, width), np.inf)
    for row in range(1, height):
        choices[0] = total  # straight first: of equals the first is taken
        choices[1, 1:] = total[:-1] + SIDESTEP
        choices[2, :-1] = total[1:] + SIDESTEP
        best = choices.argmin(axis=0)
        came[row] = np.array([0, -1, 1], np.int8)[best]
        total = choices[best, np.arange(width)] + amount[row]
    return total, came


def _traced(came: NDArray[np.int8], column: int) -> NDArray[np.int64]:
    """The columns of the path that ends in the last row's `column`, from there back to the first row."""
    columns = np.empty(len(came), np.int64)
    for place, row in enumerate(range(len(came) - 1, -1, -1)):
        columns[place] = column
        column += int(came[row, column])
    return columns


def _minima(costs: Array) -> list[int]:
    """Columns that cost no more than their neighbours; of a flat stretch the middle. Left to right."""
    starts = np.flatnonzero(np.diff(costs, prepend=np.nan) != 0)
    stops = np.append(starts[1:], len(costs))
    edged = np.concatenate([[np.inf], costs, [np.inf]])  # costs[n] is edged[n + 1]
    low = (costs[starts] <= edged[starts]) & (costs[starts] <= edged[stops + 1])
    found: list[int] = ((starts + stops - 1) // 2)[low].tolist()
    return found
