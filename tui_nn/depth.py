"""How many colours the terminal has, and all that is written in as many of them."""

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Literal

from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui_nn.themes.colours import nearest_of_256

Depth = Literal["truecolor", "256", "16", "none"]

TRUE = 1 << 24


def choose_depth(environ: Mapping[str, str] = os.environ) -> Depth:
    """By NO_COLOR (no-color.org), COLORTERM, and what the terminal's own description says of TERM.

    An unknown TERM, as a new terminal has it over ssh, is judged by its name, and has 16 colours at the least.
    """
    if environ.get("NO_COLOR"):
        return "none"
    term = environ.get("TERM", "")
    # GNU screen hands on the COLORTERM of the terminal that it runs in, and before its version 5 garbles true colour.
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") and "STY" not in environ:
        return "truecolor"
    count = described_colours(term)
    if count is None:
        count = TRUE if term.endswith("-direct") else 256 if term.endswith("-256color") else 16
    if count < 8:
        return "none"
    return "truecolor" if count >= TRUE else "256" if count >= 256 else "16"


def described_colours(term: str) -> int | None:
    """The number of colours in the description of a terminal (terminfo); None where there is no description.

    A process can ask for one terminal: the library keeps the first description that it has found.
    """
    if find_spec("_curses") is None:
        return None
    import curses

    try:
        curses.setupterm(term, 2)
    except curses.error:
        return None
    return max(curses.tigetnum("colors"), 0)


class DepthFilter(LineFilter):
    """Brings each style down to what the terminal has."""

    def __init__(self, depth: Depth) -> None:
        super().__init__()
        self._reduced = REDUCED[depth]

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        reduced = self._reduced
        return [Segment(text, None if style is None else reduced(style), control) for text, style, control in segments]


def _unchanged(style: Style) -> Style:
    return style


@lru_cache(4096)
def _in_256(style: Style) -> Style:
    return style + Style.from_color(_numbered(style.color), _numbered(style.bgcolor))


@lru_cache(4096)
def _in_16(style: Style) -> Style:
    parts = [part and part.downgrade(ColorSystem.STANDARD) for part in (style.color, style.bgcolor)]
    return style + Style.from_color(*parts)


@lru_cache(4096)
def _plain(style: Style) -> Style:
    """Bold, dim, underlined, reversed: no colour. Not even the codes for a terminal's own ones."""
    return style.without_color


def _numbered(colour: RichColor | None) -> RichColor | None:
    if colour is None or colour.triplet is None:
        return colour
    return RichColor.from_ansi(nearest_of_256(colour.triplet.hex))


REDUCED: dict[Depth, Callable[[Style], Style]] = {
    "truecolor": _unchanged,
    "256": _in_256,
    "16": _in_16,
    "none": _plain,
}
