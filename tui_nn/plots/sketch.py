"""Ink while it is drawn: pixels as half-blocks, with the pen, cuts between digits and a few words over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_nn.plots.canvas import Canvas
from tui_nn.plots.grid import HALF, on_paper, two_coloured
from tui_nn.plots.image import GREY, LEVELS, image
from tui_nn.plots.spans import FloatArray, Glyphs, Row

LINES: dict[Glyphs, str] = {"braille": "┊", "block": "│", "ascii": ":"}
"""A cut."""


class Pen(NamedTuple):
    """The pixel where the pen is, and whether it is down."""

    column: int
    row: int
    down: bool


def sketch(
    pixels: FloatArray,
    *,
    glyphs: Glyphs = "braille",
    shaded: bool = True,
    pen: Pen | None = None,
    cuts: Sequence[int] = (),
    words: Sequence[str] = (),
) -> list[Row]:
    """A column a pixel, a row two of them; pixels: (an even height, width) in 0..1, 0 is paper.

    `shaded`: each pixel has its own grey, on paper that is seen. Else it is as `image` draws it. A cut is a line in
    that column where there is no ink; `words` are lines in the middle, those that have room.
    """
    height, width = pixels.shape
    if shaded and glyphs != "ascii":
        return _shaded(pixels, pen, cuts, words, LINES[glyphs])
    canvas = Canvas(width, height // 2)
    canvas.put(0, 0, image(pixels, glyphs=glyphs))
    for row, column in _uncovered(pixels, cuts):
        canvas.write(row, column, LINES[glyphs], "muted")
    for row, column, text in _centred(words, width, height // 2):
        canvas.write(row, column, text, "muted")
    if pen is not None:
        signs = "oO" if glyphs == "ascii" else "×●"
        canvas.write(pen.row // 2, pen.column, signs[pen.down], "selected")
    return canvas.rows()


def _shaded(pixels: FloatArray, pen: Pen | None, cuts: Sequence[int], words: Sequence[str], line: str) -> list[Row]:
    height, width = pixels.shape
    names = [f"ink-{level}" for level in range(LEVELS)] + ["muted", "selected"]
    muted, selected = LEVELS, LEVELS + 1
    shades = np.rint(pixels * (LEVELS - 1)).astype(np.int64)
    codes, fore, back = on_paper(shades)
    for row, column in _uncovered(pixels, cuts):
        codes[row, column], fore[row, column], back[row, column] = ord(line), muted, 0
    for row, column, text in _centred(words, width, height // 2):
        place = row, slice(column, column + len(text))
        codes[place], fore[place], back[place] = [ord(c) for c in text], muted, 0
    if pen is not None:
        row, lower = divmod(pen.row, 2)
        codes[row, pen.column] = ord("▄" if lower else HALF)
        fore[row, pen.column], back[row, pen.column] = selected, shades[pen.row ^ 1, pen.column]
    return two_coloured(codes, fore, back, names, blanks_alike=False)


def _uncovered(pixels: NDArray[np.floating], cuts: Sequence[int]) -> list[tuple[int, int]]:
    """The cells of the cuts in which there is no ink."""
    height, width = pixels.shape
    free = pixels.reshape(height // 2, 2, width).max(axis=1) < GREY
    return [(int(row), cut) for cut in cuts if 0 <= cut < width for row in np.flatnonzero(free[:, cut])]


def _centred(words: Sequence[str], width: int, rows: int) -> list[tuple[int, int, str]]:
    first = (rows - len(words)) // 2
    return [
        (first + place, (width - len(text)) // 2, text)
        for place, text in enumerate(words)
        if len(text) <= width and 0 <= first + place < rows
    ]
