"""A terminal that shows what it is sent."""

from typing import Any

import pyte


class Terminal:
    """It does not wrap, as Textual asks."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)
        self.feed("\x1b[?7l")
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)
        for y in range(height):
            for x in range(width):  # pyte erases no cell that it has not written to
                self.screen.buffer[y][x] = self.screen.buffer[y][x]

    def feed(self, text: str) -> None:
        self._stream.feed(text.replace("\n", "\r\n"))  # as the line in front of a terminal does

    def cells(self) -> list[list[Any]]:
        """Every cell as it is seen: of a blank only the background is, unless it is underlined or the like."""
        shown = []
        for y in range(self.screen.lines):
            row = []
            for x in range(self.screen.columns):
                cell = self.screen.buffer[y][x]
                marked = cell.underscore or cell.strikethrough or cell.reverse or cell.blink
                row.append((" ", cell.bg) if cell.data == " " and not marked else cell)
            shown.append(row)
        return shown
