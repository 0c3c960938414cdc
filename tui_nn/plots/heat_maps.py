"""Small maps side by side, each of a function of the plane: cold where it is negative, warm where it is positive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tui_nn.plots.grid import HALF, stretched, two_coloured
from tui_nn.plots.raster import BoolArray, IntArray
from tui_nn.plots.spans import BLANK, FloatArray, Glyphs, Row, Span, rows_from, shorten

STEPS = 4
"""Shades on either side of zero."""

LEAST = 10
"""Columns of a map that still shows a shape."""

GAP = 1

ROLES = [f"{side}-{step}" for side in ("negative", "positive") for step in range(1, STEPS + 1)]
ROLES += ["zero", "unknown", "ground"]
ZERO, UNKNOWN, GROUND = range(2 * STEPS, 2 * STEPS + 3)


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


def heat_maps(
    values: FloatArray,
    labels: Sequence[tuple[str, str]],
    tiling: Tiling,
    *,
    glyphs: Glyphs = "braille",
    shaded: bool = True,
) -> list[Row]:
    """Maps of values, (count, rows, columns) in -1..1, first row on top; above each its label and a note.

    Shaded: half-blocks, dark at zero, + and - at the ends. Otherwise signs: = and - below zero, + and # above. NaN is
    unknown. Maps beyond the tiling are left out, and any grid is stretched to its size.
    """
    count, across = min(len(values), tiling.room), tiling.across
    if not count:
        return []
    down = -(-count // across)
    columns, rows = tiling.grid
    sheet = np.full((down * across, rows, columns), np.nan)
    if values.size:
        sheet[:count] = stretched(values[:count], rows, columns)
    there = np.arange(down * across) < count
    pictures = _shaded(sheet, there, tiling) if shaded else _signed(sheet, there, tiling)
    found: list[Row] = []
    for line in range(down):
        heads = [
            _head(*label, tiling.width, glyphs) for label in labels[line * across : min((line + 1) * across, count)]
        ]
        found.append(tuple(span for head in heads for span in (*head, Span(" " * GAP))))
        found += pictures[line * tiling.height : (line + 1) * tiling.height]
    return found


def _tiling(side: int, width: int, height: int) -> Tiling:
    return Tiling((width + GAP) // (side + GAP), height // (side // 2 + 1), side, side // 2)


def _head(label: str, note: str, width: int, glyphs: Glyphs) -> Row:
    label = shorten(label, min(len(label), width), glyphs)
    return (Span(label, ""), Span(shorten(f" {note}", width - len(label), glyphs), "muted"))


def _sheet(tiles: IntArray, tiling: Tiling, gap: int) -> IntArray:
    """Tiles (count, rows, columns) side by side and below one another, with the gap at the right of each."""
    count, rows, columns = tiles.shape
    spaced = np.pad(tiles, ((0, 0), (0, 0), (0, GAP)), constant_values=gap)
    lines = spaced.reshape(count // tiling.across, tiling.across, rows, columns + GAP)
    return lines.transpose(0, 2, 1, 3).reshape(-1, tiling.across * (columns + GAP))


def _shaded(values: FloatArray, there: BoolArray, tiling: Tiling) -> list[Row]:
    known = values == values
    size = np.minimum(np.ceil(np.abs(np.where(known, values, 0)) * (STEPS + 0.5) - 0.5), STEPS).astype(np.int64)
    pixels = np.where(size > 0, size - 1 + np.where(values > 0, STEPS, 0), ZERO)
    pixels = np.where(known, pixels, UNKNOWN)
    pixels[~there] = GROUND
    codes = np.full((len(values), tiling.height, tiling.width), ord(HALF))
    fore, back = pixels[:, ::2].copy(), pixels[:, 1::2].copy()
    for sign, direction in (("+", 1), ("-", -1)):
        for place, map_ in enumerate(np.where(known, direction * values, 0)):
            row, column = np.unravel_index(int(map_.argmax()), map_.shape)
            if map_[row, column] > 0.5:
                # A sign at either end says what warm and cold say.
                back[place, row // 2, column] = pixels[place, row, column]
                fore[place, row // 2, column], codes[place, row // 2, column] = GROUND, ord(sign)
    parts = (_sheet(codes, tiling, ord(HALF)), _sheet(fore, tiling, GROUND), _sheet(back, tiling, GROUND))
    return two_coloured(*parts, ROLES)


def _signed(values: FloatArray, there: BoolArray, tiling: Tiling) -> list[Row]:
    values = values[:, ::2]
    codes = np.full(values.shape, BLANK)
    for sign, where in (
        ("-", values < -0.15), ("=", values < -0.6), ("+", values > 0.15), ("#", values > 0.6), ("?", values != values),
    ):  # fmt: skip
        codes[where] = ord(sign)
    codes[~there] = BLANK
    roles = _sheet((values > 0).astype(np.int64), tiling, 0)
    return rows_from(_sheet(codes, tiling, BLANK).astype(np.uint32), roles, [f"negative-{STEPS}", f"positive-{STEPS}"])
