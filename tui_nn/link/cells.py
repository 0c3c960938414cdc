"""Text as cells: a number for what stands in each, one, two or no cell wide."""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.cells import split_graphemes

BLANK, REST, UNKNOWN = 32, 0, 0xFFFFFFFF
"""An empty cell, the right half of a wide character, a cell of which nothing is known."""

FIRST_CLUSTER = 0x100000
"""Numbers from here on, of no character in use, stand for several characters in one cell."""

MOST_CLUSTERS = 0xFFFD

NARROW = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u2500-\u25fc\u2800-\u28ff]*")
"""Text of which each character takes one cell, at a glance."""


class Cells:
    """Text to the numbers of its cells, and back."""

    def __init__(self) -> None:
        self.wide = False
        """Whether there has been a character of two cells."""
        self._clusters: list[str] = []
        self._numbers: dict[str, int] = {}

    def read(self, text: str) -> NDArray[np.uint32] | None:
        """A number for each cell that the text takes, by Rich's measure, as it was laid out by it; None: who knows."""
        if NARROW.fullmatch(text):
            return np.frombuffer(text.encode("utf-32-le"), np.uint32)
        numbers: list[int] = []
        for start, end, width in split_graphemes(text)[0]:
            cluster = text[start:end]
            if width not in (1, 2) or len(self._clusters) == MOST_CLUSTERS:
                return None
            self.wide = self.wide or width == 2
            numbers += [self._number(cluster), REST][:width]
        return np.array(numbers, np.uint32)

    def text(self, numbers: NDArray[np.uint32]) -> str:
        """What makes those cells when it is written; a character for each, none for the right half of a wide one."""
        return numbers.tobytes().decode("utf-32-le")

    def spelled(self, text: str) -> str:
        """What `text` gave, as a terminal is told it."""
        if (text.isascii() or not self._clusters) and "\0" not in text:
            return text
        return "".join(self._spell(text))

    def _number(self, cluster: str) -> int:
        if "\ud800" <= cluster <= "\udfff":
            return ord("?")  # half a character, as a file's name of other bytes has it: no encoding can say it
        if len(cluster) == 1 and ord(cluster) < FIRST_CLUSTER:
            return ord(cluster)
        if cluster not in self._numbers:
            self._numbers[cluster] = FIRST_CLUSTER + len(self._clusters)
            self._clusters.append(cluster)
        return self._numbers[cluster]

    def _spell(self, text: str) -> Iterator[str]:
        for character in text:
            number = ord(character)
            if number >= FIRST_CLUSTER:
                yield self._clusters[number - FIRST_CLUSTER]
            elif number != REST:
                yield character


def sure(text: str) -> bool:
    """Whether every terminal agrees on where the cursor is after it."""
    return bool(NARROW.fullmatch(text))
