"""Which characters the terminal can show."""

import os
import sys

from tui_nn.plots import Glyphs


def choose_glyphs() -> Glyphs:
    """Braille where the encoding has it; blocks on the Linux console, whose fonts lack braille; else ASCII."""
    encoding = (getattr(sys.__stderr__, "encoding", None) or "ascii").lower().replace("-", "")
    if not encoding.startswith("utf"):
        return "ascii"
    return "block" if os.environ.get("TERM") == "linux" else "braille"
