"""Small pictures beside one another, as large as there is room for all of them, with a line below each."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from tui_nn.plots.image import image
from tui_nn.plots.spans import FloatArray, Glyphs, Row, Span, fit, shorten

GAP = 2

SIDE = 28
"""Pixels along the longer side that a picture is shown with at most."""

LEAST = 6
"""With fewer there is nothing to be seen."""


def gallery(
    pictures: Sequence[tuple[str, FloatArray]],
    width: int,
    height: int,
    *,
    glyphs: Glyphs = "braille",
    shaded: bool = True,
) -> list[Row]:
    """Names and pictures, each (rows, columns) in 0..1, in their order; none where not all have room.

    Without names there are no lines for them.
    """
    named = any(name for name, _ in pictures)
    side, across = _size(len(pictures), width, height, named)
    left = max(0, (width - across * (side + GAP) + GAP) // 2)
    if side < LEAST:
        return []
    rows: list[Row] = []
    for first in range(0, len(pictures), across):
        line = pictures[first : first + across]
        rows += [()] * bool(rows)
        small = [image(_within(picture, side), glyphs=glyphs, greys=shaded) for _, picture in line]
        cells = [[*picture, *[()] * (side // 2 - len(picture))] for picture in small]
        for parts in zip(*cells, strict=True):
            rows.append(_beside(parts, side, left))
        if named:
            rows.append(_beside([(Span(shorten(name, side, glyphs), "muted"),) for name, _ in line], side, left))
    return rows


def gallery_room(side: int, width: int, height: int) -> int:
    """How many pictures with names and sides of at least so many pixels have room."""
    return max((width + GAP) // (side + GAP), 0) * max((height + 1) // (side // 2 + 2), 0)


def _size(count: int, width: int, height: int, named: bool) -> tuple[int, int]:
    """The side of each picture, in pixels, and how many stand beside one another."""
    best = 0, 1
    for across in range(1, count + 1):
        down = ceil(count / across)
        room = (width - GAP * (across - 1)) // across, 2 * ((height - (down - 1)) // down - named)
        best = max(best, (min(SIDE, *room) // 2 * 2, across))
    return best


def _beside(parts: Sequence[Row], side: int, left: int) -> Row:
    """A background ends with the picture: blanks behind it are spans of their own."""
    row: Row = (Span(" " * left),) if left else ()
    for part in parts:
        used = sum(len(span.text) for span in part)
        row = (*row, *part, *fit((Span(""),), side - used + GAP))
    return row


def _within(picture: FloatArray, side: int) -> FloatArray:
    """The picture, no longer than that along a side: each pixel the mean of what it covers."""
    height, width = picture.shape
    longer = max(height, width)
    if longer <= side:
        return picture
    rows, columns = (max(1, round(length * side / longer)) for length in (height, width))
    reduced: FloatArray = _shares(height, rows) @ picture @ _shares(width, columns).T
    return reduced


def _shares(many: int, few: int) -> FloatArray:
    """(few, many): how much of each of few equal parts of a length each of many parts covers."""
    ends = np.arange(1, few + 1)[:, np.newaxis] / few
    starts = np.arange(few)[:, np.newaxis] / few
    lower = np.maximum(np.arange(many) / many, starts)
    upper = np.minimum(np.arange(1, many + 1) / many, ends)
    shares: FloatArray = (upper - lower).clip(0) * few
    return shares
