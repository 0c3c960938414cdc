"""Which characters the terminal can show."""

import os
import sys
from typing import TextIO

from textual.app import App

from tui_nn.plots import Glyphs


def choose_glyphs() -> Glyphs:
    """Braille where the encoding has it; blocks on the Linux console, whose fonts lack braille; else ASCII."""
    if not takes_unicode(sys.__stderr__):
        return "ascii"
    return "block" if os.environ.get("TERM") == "linux" else "braille"


def has_shades(app: App[None]) -> bool:
    """Whether colours are enough to tell dark shades of many hues apart: with 16 of them, or none, they are not."""
    return not app.no_color and app.console.color_system in ("256", "truecolor")


def takes_unicode(stream: TextIO | None) -> bool:
    """Whether a stream can be given more than ASCII."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")
