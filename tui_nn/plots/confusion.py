"""A confusion matrix as a table of counts: the hotter a cell, the more of its row's errors it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_nn.plots.spans import Glyphs, Row, Span, shorten

CountArray = NDArray[np.integer]

SHARES = (0.1, 0.3)
"""Of a row's errors, above which a cell is marked once, and twice."""
SIGNS = (" ", "+", "#")
HEAT = ("errors-1", "errors-2", "errors-3")

WIDEST, HIGHEST = 9, 3
"""Of a cell: larger ones are no clearer."""


class Cells(NamedTuple):
    """Where the cells of a matrix stand: cells of a label at the left, size, and the classes in view."""

    label: int
    width: int
    height: int
    first_row: int
    rows: int
    first_column: int
    columns: int

    def at(self, x: int, y: int) -> tuple[int, int] | None:
        """The row and the column of the matrix at that place of the plot; None beside it."""
        row, column = (y - 1) // self.height, (x - self.label) // self.width
        inside = y >= 1 and x >= self.label and row < self.rows and column < self.columns
        return (self.first_row + row, self.first_column + column) if inside else None


def confusion_cells(
    matrix: CountArray, names: Sequence[str], width: int, height: int, cursor: tuple[int, int] | None = None
) -> Cells | None:
    """As large as there is room; where not all classes have some, those around the cursor. None of no room."""
    classes = len(matrix)
    if not classes:
        return None
    off = matrix - np.diag(matrix.diagonal())
    # A pointer before the number and a sign behind it; right answers have no sign.
    least = max(len(str(matrix.max())) + 1, len(str(off.max())) + 2, 3)
    label = min(max(map(len, names)), max(width // 6, 3)) + 1
    columns, rows = min(classes, (width - label) // least), min(classes, height - 1)
    if columns < 1 or rows < 1:
        return None
    row, column = cursor or (0, 0)
    return Cells(
        label=label,
        width=min((width - label) // columns, max(WIDEST, least)),
        height=min((height - 1) // rows, HIGHEST),
        first_row=max(0, min(row - rows // 2, classes - rows)),
        rows=rows,
        first_column=max(0, min(column - columns // 2, classes - columns)),
        columns=columns,
    )


def confusion_plot(
    matrix: CountArray,
    names: Sequence[str],
    width: int,
    height: int,
    *,
    cursor: tuple[int, int] | None = None,
    glyphs: Glyphs = "braille",
    shaded: bool = True,
) -> list[Row]:
    """Rows are classes, columns what they are taken for; (classes, classes), below a row of names.

    What is right, the diagonal, stands apart: colours are for errors, by their share of all errors of the row. Without
    colours signs say the same, behind the number: + above a tenth, # above three tenths. A pointer is at the cursor.
    """
    cells = confusion_cells(matrix, names, width, height, cursor)
    if cells is None:
        return []
    off = matrix - np.diag(matrix.diagonal())
    shares = off / np.maximum(off.sum(axis=1, keepdims=True), 1)
    across = range(cells.first_column, cells.first_column + cells.columns)
    room = cells.width - 2
    head = [Span(" " * cells.label)]
    for column in across:
        emphasis = "selected" if cursor is not None and column == cursor[1] else "muted"
        text = shorten(names[column], min(len(names[column]), cells.width - 1), glyphs)
        head.append(Span(f"{f'{text:>{room + 1}}':<{cells.width}}", emphasis))
    rows: list[Row] = [tuple(head)]
    for row in range(cells.first_row, cells.first_row + cells.rows):
        name = shorten(names[row], min(len(names[row]), cells.label - 1), glyphs)
        label = f"{name:>{cells.label - 1}} "
        emphasis = "selected" if cursor is not None and row == cursor[0] else "muted"
        lines: list[list[Span]] = [[] for _ in range(cells.height)]
        for column in across:
            count, share, here = int(matrix[row, column]), float(shares[row, column]), (row, column) == cursor
            role, sign = _look(count, share, row == column, here, shaded)
            number = str(count) if count else "." if glyphs == "ascii" else "·"
            number = f"{number}{sign}" if len(number) <= room else number
            pointer = (">" if glyphs == "ascii" else "▸") if here else ""
            text = f"{pointer + number:>{cells.width}}"
            part = f"{share:.0%} " if count and row != column else ""
            for place, line in enumerate(lines):
                if place == (cells.height - 1) // 2:
                    line.append(Span(text, role))
                elif place == 1 and cells.height == 2 and len(part) < cells.width:
                    line.append(Span(f"{part:>{cells.width}}", role))
                else:
                    line.append(Span(" " * cells.width, role))
        for place, line in enumerate(lines):
            text = label if place == (cells.height - 1) // 2 else " " * cells.label
            rows.append((Span(text, emphasis), *line))
    return rows


def _look(count: int, share: float, right: bool, here: bool, shaded: bool) -> tuple[str, str]:
    """The role of a cell, and the sign behind its number."""
    level = sum(share > least for least in SHARES)
    sign = SIGNS[level] if count and not right else " "
    fore = "selected" if here else "good" if right else "value" if count else "muted"
    if not shaded:
        return fore, sign
    back = "zero" if right or not count else HEAT[level]
    return "ground on selected" if here else f"{fore} on {back}", " "
