"""Actions on how it looks; what they choose is kept for the next run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tui_nn.actions.action import action
from tui_nn.glyphs import CYCLE, choose_glyphs, takes_unicode
from tui_nn.themes import theme_names

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("view.theme", "T", "Theme", "The next theme: dark, light, high contrast, colour-blind-safe; kept between runs")
def theme(app: TuiNN) -> None:
    look, names = app.appearance, theme_names()
    if look.shallow:
        app.run_screen.say("themes show on terminals of 256 colours or more; here are the terminal's own, or none")
    else:
        app.choose("theme", names[(names.index(look.theme) + 1) % len(names)])


@action("view.glyphs", "G", "Glyphs", "Draw in braille, blocks or ASCII; kept between runs")
def glyphs(app: TuiNN) -> None:
    if takes_unicode(sys.__stderr__):
        chosen = CYCLE[(CYCLE.index(app.appearance.glyphs) + 1) % len(CYCLE)]
        # Another terminal may want others than this one's usual ones.
        app.choose("glyphs", chosen, kept="auto" if chosen == choose_glyphs() else chosen)
    else:
        app.run_screen.say("the encoding of this terminal has only ASCII")
