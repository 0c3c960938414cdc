"""Which characters the terminal can show."""

import os
import sys
from typing import TextIO

from tui_nn.plots import Glyphs


def choose_glyphs() -> Glyphs:
    """Braille where the encoding has it; blocks on the Linux console, whose fonts lack braille; else ASCII."""
    if not takes_unicode(sys.__stderr__):
        return "ascii"
    return "block" if os.environ.get("TERM") == "linux" else "braille"


def takes_unicode(stream: TextIO | None) -> bool:
    """Whether a stream can be given more than ASCII."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")
