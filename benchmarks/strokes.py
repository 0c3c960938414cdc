"""A hand on the drawing screen: where the canvas lies, and what a terminal sends when a mouse draws on it."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]
"""Across and down, in heights of the canvas."""

APART = 0.1
"""Between two reports of a mouse that is moved by hand, in heights of the canvas."""

DRAG = 32
"""What the code of a button has more while the mouse is moved (xterm's control sequences, "Mouse Tracking")."""


class Canvas(NamedTuple):
    """Its left upper cell, from 0 on, and its rows; a row has two pixels, a column one."""

    left: int
    top: int
    rows: int

    def stroke(self, points: Sequence[Point], *, button: int = 0, smooth: bool = True) -> list[bytes]:
        """The reports of a stroke, one by one; not smooth: of the points alone, however far apart they are."""
        path = [self._cell(point) for point in (_between(points) if smooth else points)]
        codes = [f"\x1b[<{button + DRAG * bool(n)};{x};{y}M" for n, (x, y) in enumerate(path)]
        x, y = path[-1]
        return [code.encode() for code in (*codes, f"\x1b[<{button};{x};{y}m")]

    def _cell(self, point: Point) -> tuple[int, int]:
        """Column and row on the terminal, from 1 on."""
        x, y = point
        return self.left + int(x * 2 * self.rows) + 1, self.top + int(y * self.rows) + 1


def find_canvas(view: Sequence[str]) -> Canvas:
    """Where it lies on the screen. Raises ValueError where it does not."""
    titles = [
        (row, found)
        for row, line in enumerate(view)
        if (found := re.search("[╭╔+][─═-] Draw a (digit|number) [─═-]+([╮╗+])", line))
    ]
    if not titles:
        raise ValueError("there is no canvas")
    title, found = titles[0]
    bottoms = [row for row in range(title + 1, len(view)) if re.search(r" size \d/\d [─═-]", view[row])]
    if not bottoms:
        raise ValueError("the canvas is not painted to its end")
    bottom = bottoms[0]
    width, height = found.start(2) - 1, bottom - title - 2
    span = 3.5 if found[1] == "number" else 1.0
    rows = min(height, int(width / span) // 2)
    return Canvas(1 + (width - round(2 * rows * span)) // 2, title + 1 + (height - rows) // 2, rows)


def _between(points: Sequence[Point]) -> Iterator[Point]:
    yield points[0]
    for (x0, y0), (x1, y1) in pairwise(points):
        count = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / APART))
        for n in range(1, count + 1):
            yield x0 + (x1 - x0) * n / count, y0 + (y1 - y0) * n / count
