"""A grid to draw on before it becomes rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tui_nn.plots.spans import BLANK, CodeArray, Row, rows_from


class Canvas:
    """Code points with a role each, (height, width); what is drawn later covers what was there."""

    def __init__(self, width: int, height: int) -> None:
        self._codes = np.full((max(height, 0), max(width, 0)), BLANK, dtype=np.uint32)
        self._roles = np.zeros(self._codes.shape, dtype=np.uint16)
        self._names = [""]

    def write(self, row: int, column: int, text: str, role: str = "") -> None:
        """Put text on one row, cut where the canvas ends."""
        height, width = self._codes.shape
        if not 0 <= row < height or column >= width:
            return
        text = text[max(-column, 0) :]
        column = max(column, 0)
        text = text[: width - column]
        self._codes[row, column : column + len(text)] = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        self._roles[row, column : column + len(text)] = self._index(role)

    def put(self, row: int, column: int, rows: Iterable[Row]) -> None:
        """Put rows that are ready with their corner at (row, column). Their roles have no background."""
        for place, spans in enumerate(rows, row):
            start = column
            for span in spans:
                self.write(place, start, span.text, span.role)
                start += len(span.text)

    def paint(self, row: int, column: int, codes: CodeArray, role: str) -> None:
        """Put a block of code points with its corner at (row, column); its blanks are transparent."""
        height, width = codes.shape
        inked = codes != BLANK
        block = slice(row, row + height), slice(column, column + width)
        np.copyto(self._codes[block], codes, where=inked)
        np.copyto(self._roles[block], np.uint16(self._index(role)), where=inked)

    def is_blank(self, row: int, start: int, end: int) -> bool:
        return bool((self._codes[row, start:end] == BLANK).all())

    def rows(self) -> list[Row]:
        # A blank beside a role with a background of its own must not take that.
        grounds = any(" on " in name for name in self._names)
        return rows_from(self._codes, self._roles, self._names, blanks_alike=not grounds)

    def _index(self, role: str) -> int:
        if role not in self._names:
            self._names.append(role)
        return self._names.index(role)


def repeat(glyph: str, where: NDArray[np.bool_]) -> CodeArray:
    """The code points of one glyph wherever the mask is true, blank elsewhere."""
    return np.where(where, np.uint32(ord(glyph)), np.uint32(BLANK))
