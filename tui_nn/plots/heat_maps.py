"""Small maps side by side, each of a function of the plane: cold where it is negative, warm where it is positive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tui_nn.plots.spans import BLANK, FloatArray, Glyphs, Row, Span, rows_from, shorten
from tui_nn.plots.surface import HALF, two_coloured

STEPS = 4
"""Shades on either side of zero."""

LEAST = 10
"""Columns of a map that still shows a shape."""

GAP = 1

ROLES = [f"{side}-{step}" for side in ("negative", "positive") for step in range(1, STEPS + 1)] + ["zero", "unknown"]


class HeatMap(NamedTuple):
    """values: (rows, columns) in -1..1, first row on top, NaN: unknown; `note` stands behind the label."""

    values: FloatArray
    label: str
    note: str = ""


class Tiling(NamedTuple):
    """How many maps fit side by side and below one another, and the cells of each, without its label."""

    across: int
    down: int
    width: int
    height: int

    @property
    def room(self) -> int:
        """How many maps fit."""
        return self.across * self.down

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of a map: two a cell, one above the other."""
        return self.width, 2 * self.height


def tile(count: int, width: int, height: int) -> Tiling:
    """The largest square maps of which `count` fit, each below its label; as many of the smallest otherwise.

    No place at all where not even one fits.
    """
    for side in range(min(width, 2 * (height - 1)) // 2 * 2, LEAST - 1, -2):
        tiling = _tiling(side, width, height)
        if tiling.room >= count:
            return tiling
    return _tiling(LEAST, width, height)


def heat_maps(maps: Sequence[HeatMap], tiling: Tiling, *, glyphs: Glyphs = "braille", shaded: bool = True) -> list[Row]:
    """The maps row by row, a label above each; those beyond the tiling are left out.

    Shaded: half-blocks, dark at zero. Otherwise signs: = and - below zero, + and # above.
    """
    rows: list[Row] = []
    for first in range(0, min(len(maps), tiling.room), max(tiling.across, 1)):
        line = maps[first : min(first + tiling.across, tiling.room)]
        pictures = [_shaded(item, tiling) if shaded else _signed(item, tiling) for item in line]
        heads = [_head(item, tiling.width, glyphs) for item in line]
        for parts in zip(*([head, *picture] for head, picture in zip(heads, pictures, strict=True)), strict=True):
            rows.append(tuple(span for part in parts for span in (*part, Span(" " * GAP))))
    return rows


def _tiling(side: int, width: int, height: int) -> Tiling:
    return Tiling((width + GAP) // (side + GAP), height // (side // 2 + 1), side, side // 2)


def _head(item: HeatMap, width: int, glyphs: Glyphs) -> Row:
    label = shorten(item.label, min(len(item.label), width), glyphs)
    return (Span(label, ""), Span(shorten(f" {item.note}", width - len(label), glyphs), "muted"))


def _stretched(item: HeatMap, tiling: Tiling) -> FloatArray:
    columns, rows = tiling.grid
    have = item.values.shape
    if 0 in have:
        return np.full((rows, columns), np.nan)
    return item.values[np.ix_(np.arange(rows) * have[0] // rows, np.arange(columns) * have[1] // columns)]


def _shaded(item: HeatMap, tiling: Tiling) -> list[Row]:
    values = _stretched(item, tiling)
    known = values == values
    size = np.minimum(np.ceil(np.abs(np.where(known, values, 0)) * (STEPS + 0.5) - 0.5), STEPS).astype(int)
    pixels = np.where(size > 0, size - 1 + np.where(values > 0, STEPS, 0), ROLES.index("zero"))
    pixels = np.where(known, pixels, ROLES.index("unknown"))
    codes = np.full((tiling.height, tiling.width), ord(HALF), np.uint32)
    return two_coloured(codes, pixels[::2], pixels[1::2], ROLES)


def _signed(item: HeatMap, tiling: Tiling) -> list[Row]:
    values = _stretched(item, tiling)[::2]
    codes = np.full(values.shape, BLANK, np.uint32)
    for sign, where in (
        ("-", values < -0.15), ("=", values < -0.6), ("+", values > 0.15), ("#", values > 0.6), ("?", values != values),
    ):  # fmt: skip
        codes[where] = ord(sign)
    roles = np.where(values > 0, 1, 0)
    return rows_from(codes, roles, [f"negative-{STEPS}", f"positive-{STEPS}"])
