"""How characters are drawn: colours and attributes, as escape sequences set them (ECMA-48, SGR)."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ATTRIBUTES = {1: (1, 22), 2: (2, 22), 3: (3, 23), 4: (4, 24), 5: (5, 25), 7: (7, 27), 8: (8, 28), 9: (9, 29),
              21: (21, 24), 53: (53, 55)}  # fmt: skip
"""Bold, faint, italic, underlined, blinking, reversed, hidden, struck out, doubly underlined, overlined: on, off."""

ON_BLANKS = frozenset({4, 5, 7, 8, 9, 21, 53})
"""Attributes with which a blank is more than its background."""


RESETS = ("\x1b[m", "\x1b[0m", "\x1b[;", "\x1b[0;")
"""Beginnings of sequences after which it is of no interest what the pen was."""


class Pen(NamedTuple):
    """Colours as the parameters that set them; none is the terminal's own."""

    foreground: str = ""
    background: str = ""
    attributes: frozenset[int] = frozenset()

    @property
    def on_blank(self) -> "Pen":
        """As much of it as can be seen on a blank."""
        if self.attributes & ON_BLANKS:
            return self
        return Pen("", self.background, frozenset())


PLAIN = Pen()


@lru_cache(maxsize=4096)
def after(pen: Pen, parameters: str) -> Pen | None:
    """The pen after `ESC [ parameters m`; None where they are not understood."""
    fields = parameters.split(";")
    while fields:
        field = fields.pop(0)
        if ":" in field:
            return None
        code = int(field or 0)
        if code == 0:
            pen = PLAIN
        elif code in (38, 48):
            length = {"5": 2, "2": 4}.get(fields[0] if fields else "", 0)
            colour, fields = fields[:length], fields[length:]
            if not length or len(colour) < length or not all(part.isdecimal() for part in colour):
                return None
            text = ";".join([field, *colour])
            pen = pen._replace(foreground=text) if code == 38 else pen._replace(background=text)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            pen = pen._replace(foreground=field)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            pen = pen._replace(background=field)
        elif code == 39:
            pen = pen._replace(foreground="")
        elif code == 49:
            pen = pen._replace(background="")
        elif code in ATTRIBUTES:
            pen = pen._replace(attributes=pen.attributes | {code})
        elif off := {on for on, (_, end) in ATTRIBUTES.items() if end == code}:
            pen = pen._replace(attributes=pen.attributes - off)
        else:
            return None
    return pen


@lru_cache(maxsize=4096)
def change(old: Pen | None, new: Pen) -> str:
    """The shortest sequence that makes the old pen the new one, whatever it was where that is None."""
    whole = ["0", *_whole(new)]
    if new == PLAIN:
        whole = [""]
    if old == new:
        return ""
    if old is None:
        return f"\x1b[{';'.join(whole)}m"
    return min((f"\x1b[{';'.join(parts)}m" for parts in (_steps(old, new), whole)), key=len)


def _whole(pen: Pen) -> list[str]:
    return [*map(str, sorted(pen.attributes)), *filter(None, (pen.foreground, pen.background))]


def _steps(old: Pen, new: Pen) -> list[str]:
    """What differs alone. One end may end several attributes; those that stay are begun again."""
    ends = {ATTRIBUTES[attribute][1] for attribute in old.attributes - new.attributes}
    left = {attribute for attribute in old.attributes if ATTRIBUTES[attribute][1] not in ends}
    parts = [*map(str, sorted(ends)), *map(str, sorted(new.attributes - left))]
    if old.foreground != new.foreground:
        parts.append(new.foreground or "39")
    if old.background != new.background:
        parts.append(new.background or "49")
    return parts


class Pens:
    """A number for each pen that has been used, so that a screen of them is an array."""

    def __init__(self) -> None:
        self._pens: list[Pen] = []
        self._numbers: dict[Pen, int] = {}
        self._next: dict[tuple[int, str], int | None] = {}
        self._on_blank = np.zeros(64, np.int32)
        self.plain = self.number(PLAIN)

    def __getitem__(self, number: int) -> Pen:
        return self._pens[number]

    def __len__(self) -> int:
        return len(self._pens)

    def number(self, pen: Pen) -> int:
        """Its number, given at its first use."""
        if pen not in self._numbers:
            number = self._numbers[pen] = len(self._pens)
            self._pens.append(pen)
            if number == len(self._on_blank):
                self._on_blank = np.concatenate([self._on_blank, np.zeros_like(self._on_blank)])
            # Last, for the bare pen may be new as well.
            self._on_blank[number] = number if pen.on_blank == pen else self.number(pen.on_blank)
        return self._numbers[pen]

    def after(self, number: int, codes: str) -> int | None:
        """The pen's number after sequences that each change it; None where one of them is not understood."""
        key = number, codes
        if key not in self._next:
            pen: Pen | None = self._pens[number]
            for parameters in codes[2:-1].split("m\x1b["):
                pen = None if pen is None else after(pen, parameters)
            self._next[key] = None if pen is None else self.number(pen)
        return self._next[key]

    @property
    def on_blank(self) -> NDArray[np.int32]:
        """By number, that of as much of the pen as a blank shows."""
        return self._on_blank
