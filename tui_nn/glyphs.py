"""Which characters the terminal can show."""

import os
import sys
from collections.abc import Mapping
from typing import TextIO

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui_nn.console_font import font_characters
from tui_nn.plots import Glyphs

CYCLE: tuple[Glyphs, ...] = ("braille", "block", "ascii")

BLOCKS = "▘▝▀▖▌▞▛▗▚▐▜▄▙▟█░▒▏▎▍▋▊▉▁▂▃▅▆▇│─┌┐└┘┤┬┴┼╵═║╔╗╚╝←↑→↓·▲■●‖✓✗▸…⋮•×"
"""All that is shown where the choice is blocks, beside ASCII."""

PLAIN_TERMINALS = ("vt", "ansi", "dumb", "sun", "cons25", "wy", "unknown")
"""Beginnings of TERM on terminals, and serial lines, that are older than Unicode."""


def choose_glyphs(environ: Mapping[str, str] = os.environ) -> Glyphs:
    """Braille where the encoding has it; on the Linux console, whose fonts lack it, what its font has; else ASCII."""
    term = environ.get("TERM", "")
    if not takes_unicode(sys.__stderr__) or says_ascii(environ) or term.startswith(PLAIN_TERMINALS):
        return "ascii"
    if term == "linux":
        # Asked over ssh, or inside tmux, the console does not say; of its usual fonts none has the blocks.
        return "block" if set(BLOCKS) <= font_characters() else "ascii"
    return "braille"


def takes_unicode(stream: TextIO | None) -> bool:
    """Whether a stream can be given more than ASCII."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")


def says_ascii(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a locale was chosen in which there is only ASCII: Python then writes UTF-8 all the same (PEP 538, 540).

    Where none is chosen at all, as in a container, the terminal usually takes UTF-8.
    """
    if not sys.flags.utf8_mode or environ.get("PYTHONUTF8") == "1":
        return False
    chosen = environ.get("LC_ALL") or environ.get("LANG", "")
    return bool(chosen) and not chosen.lower().replace("-", "").endswith("utf8")


class AsciiFilter(LineFilter):
    """Puts an ASCII character in place of any other, on the whole screen: Textual's frames, bars and signs as well."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(in_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


def in_ascii(text: str) -> str:
    """The text in ASCII, in as many cells: a character without a likeness is '?'."""
    return "".join(c if c.isascii() else LIKENESSES.get(c, "?" * cell_len(c)) for c in text)


LIKENESSES = {
    character: likeness
    for likeness, characters in {
        "-": "─━╌╍┄┅–—−╴╶",
        "|": "│┃║┊┆╎▏▕▎▍▌▐▋▊▉╵╷",
        "+": "┌┐└┘├┤┬┴┼╭╮╰╯╠╣╦╩╬┏┓┗┛",
        "#": "█▓▒■╔╗╚╝║▇▆▅▙▛▜▟",
        "=": "▄▀═",
        "_": "▁▂▃",
        "~": "▔…",
        ":": "░⋮",
        "*": "●•·◆",
        "o": "○◯",
        ">": "▸▶►→❯",
        "<": "◂◀◄←❮",
        "^": "▲△↑",
        "v": "▼▽↓✓",
        "x": "×✗✕✖",
        "'": "‘’",
        '"': "“”",
        " ": "\N{NO-BREAK SPACE}",
    }.items()
    for character in characters
}
