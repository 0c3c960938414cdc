"""Actions on how it looks; what they choose is kept for the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("view.theme", "T", "Theme", "The next theme: dark, light, high contrast, colour-blind-safe; kept between runs")
def theme(app: TuiNN) -> None:
    app.next_theme()


@action("view.glyphs", "G", "Glyphs", "Draw in braille, blocks or ASCII; kept between runs")
def glyphs(app: TuiNN) -> None:
    app.next_glyphs()
