"""Curves to dots, dots to characters.

A cell holds 2x4 dots in braille, 2x2 in blocks and one in ASCII. All work is on columns of dots: however long
a curve is, it is first reduced to the range that it covers in each column.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_nn.plots.axis import Limits, Scale
from tui_nn.plots.spans import BLANK, CodeArray, FloatArray, Glyphs

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

DOTS: Final[dict[Glyphs, tuple[int, int]]] = {"braille": (2, 4), "block": (2, 2), "ascii": (1, 1)}
"""Dots across and down in one cell."""

BRAILLE_BITS: Final = (0, 3, 1, 4, 2, 5, 6, 7)
QUADRANT_BITS: Final = (0, 1, 2, 3)
"""The bit that stands for each dot of a cell, the dots counted row by row."""
BRAILLE: Final = np.array([BLANK, *range(0x2801, 0x2900)], dtype=np.uint32)
QUADRANTS: Final = np.array([ord(c) for c in " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"], dtype=np.uint32)


class Ranges(NamedTuple):
    """What a curve covers in each column of dots: rows lowest..highest, counted from the bottom. (columns,)"""

    lowest: IntArray
    highest: IntArray
    drawn: BoolArray


class View(NamedTuple):
    """The part of the plane that is shown, and on how many dots."""

    x: Limits
    y: Limits
    scale: Scale
    columns: int
    rows: int

    def row(self, y: FloatArray) -> FloatArray:
        """The row of dots of each value; an infinity is just out of sight, so a line to it leaves the plot there."""
        low, high = self.y
        if self.scale == "log":
            y, low, high = np.log10(y), float(np.log10(low)), float(np.log10(high))
        near = (y - low) / (high - low) * (self.rows - 1)
        return np.where(np.isinf(y), np.where(y > 0, self.rows, -1), np.clip(near, -self.rows, 2 * self.rows))

    def cell(self, x: float, across: int) -> int | None:
        """The cell, of so many dots, that x falls into; None out of view."""
        return next(iter(self.cells_of(np.array([x]), across)), None)

    def cells_of(self, x: FloatArray, across: int) -> list[int]:
        """The cells that these x fall into, each once, in order."""
        if not x.size:
            return []
        places = (x - self.x[0]) / (self.x[1] - self.x[0])
        places = places[(places >= 0) & (places <= 1)]
        return sorted(set((np.rint(places * (self.columns - 1)).astype(np.int64) // across).tolist()))

    def span(self, cell: int, across: int) -> Limits:
        """From which x to which a cell reaches."""
        width = (self.x[1] - self.x[0]) / max(self.columns - 1, 1)
        return self.x[0] + (cell * across - 0.5) * width, self.x[0] + ((cell + 1) * across - 0.5) * width


def trace(x: FloatArray, low: FloatArray, high: FloatArray, view: View, *, mean: bool = False) -> Ranges:
    """The ranges of low..high, joined from column to column; `mean` draws each column's mean of `low` instead.

    x ascending, finite; a NaN in `low` is a gap. Columns between two points are interpolated.
    """
    starts, at, stop = _groups(x, view)
    if not at.size:
        nothing = np.zeros(view.columns, dtype=np.int64)
        return Ranges(nothing, nothing, nothing > 0)
    low, high = low[:stop], high[:stop]
    known = low == low
    last = np.append(starts[1:], stop) - 1
    linked = np.append(known[last[:-1]] & known[starts[1:]], False)
    if mean:
        total = np.add.reduceat(np.where(known, low, 0.0), starts)
        bottom = top = view.row(total / np.add.reduceat(known, starts, dtype=np.float64))
    else:
        bottom, top = view.row(np.fmin.reduceat(low, starts)), view.row(np.fmax.reduceat(high, starts))

    columns = np.arange(view.columns)
    left = np.maximum(np.searchsorted(at, columns, side="right") - 1, 0)
    exact = at[left] == columns
    right = np.where(exact, left, np.minimum(left + 1, at.size - 1))
    along = (columns - at[left]) / np.maximum(at[right] - at[left], 1)
    bottom = bottom[left] + along * (bottom[right] - bottom[left])
    top = top[left] + along * (top[right] - top[left])
    drawn = (exact | linked[left] & (at[left] < columns)) & (bottom == bottom)
    lowest = np.rint(np.where(drawn, bottom, 0)).astype(np.int64)
    highest = np.rint(np.where(drawn, top, 0)).astype(np.int64)
    return Ranges(*_joined(lowest, highest, linked[left] & drawn), drawn)


def dots(ranges: Ranges, rows: int) -> BoolArray:
    """The mask of dots, top row first; (rows, columns)."""
    row = np.arange(rows - 1, -1, -1)[:, None]
    return (row >= ranges.lowest) & (row <= ranges.highest) & ranges.drawn


def cells(mask: BoolArray, glyphs: Glyphs, pen: str = "*") -> CodeArray:
    """The characters of a mask of dots; in ASCII the pen."""
    across, down = DOTS[glyphs]
    if glyphs == "ascii":
        return np.where(mask, np.uint32(ord(pen)), np.uint32(BLANK))
    table, bits = (BRAILLE, BRAILLE_BITS) if glyphs == "braille" else (QUADRANTS, QUADRANT_BITS)
    index = np.zeros((mask.shape[0] // down, mask.shape[1] // across), dtype=np.uint8)
    ones = mask.view(np.uint8)
    for dot, bit in enumerate(bits):
        index |= ones[dot // across :: down, dot % across :: across] << np.uint8(bit)
    return table[index]


def _groups(x: FloatArray, view: View) -> tuple[IntArray, IntArray, int]:
    """Where each column's points start, which column that is, where the last one's points stop.

    One point beyond either side is kept, in its column out of sight, so that the line runs to the edge.
    """
    low, high = view.x
    width = (high - low) / max(view.columns - 1, 1)
    bounds = np.searchsorted(x, low + (np.arange(view.columns + 1) - 0.5) * width)
    filled = np.flatnonzero(bounds[1:] > bounds[:-1])
    starts, at, stop = bounds[filled], filled, int(bounds[-1])
    if bounds[0] > 0:
        beyond = max(np.floor((x[bounds[0] - 1] - low) / width), -1e9)
        starts, at = np.append(bounds[0] - 1, starts), np.append(min(int(beyond), -1), at)
    if stop < x.size:
        beyond = min(np.ceil((x[stop] - low) / width), 1e9)
        starts, at, stop = np.append(starts, stop), np.append(at, max(int(beyond), view.columns)), stop + 1
    return starts, at, stop


def _joined(lowest: IntArray, highest: IntArray, linked: BoolArray) -> tuple[IntArray, IntArray]:
    """Ranges grown until linked neighbours touch: each half of the way, so a steep line stays one dot thin."""
    a, b = slice(None, -1), slice(1, None)
    up = linked[a] & (lowest[b] > highest[a] + 1)
    down = linked[a] & (highest[b] < lowest[a] - 1)
    up_middle, down_middle = (highest[a] + lowest[b]) // 2, (lowest[a] + highest[b]) // 2
    lower, higher = lowest.copy(), highest.copy()
    higher[a] = np.where(up, np.maximum(higher[a], up_middle), higher[a])
    lower[b] = np.where(up, np.minimum(lower[b], up_middle + 1), lower[b])
    higher[b] = np.where(down, np.maximum(higher[b], down_middle), higher[b])
    lower[a] = np.where(down, np.minimum(lower[a], down_middle + 1), lower[a])
    return lower, higher
