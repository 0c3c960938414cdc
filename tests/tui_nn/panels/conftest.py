from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from tui_nn.actions import actions
from tui_nn.appearance import Appearance
from tui_nn.keymap import written
from tui_nn.panels.panel import Panel
from tui_nn.plots import Glyphs, Row, fit, plain_text
from tui_nn.run_state import RunState

P = TypeVar("P", bound=Panel)


@pytest.fixture
def make_panel() -> Callable[..., Any]:
    """make_panel(LossPanel, "ascii"): a panel on a terminal that has those characters."""

    def make(kind: type[P], glyphs: Glyphs = "braille") -> P:
        panel = kind()
        keys = {id: written(item.keys[0], glyphs) for id, item in actions().items()}
        panel.appearance = Appearance(glyphs, keys=keys)
        return panel

    return make


@pytest.fixture
def draw_text() -> Callable[..., str]:
    """draw_text(panel, run, width, height): the characters that the panel puts into that much room."""

    def draw(panel: Panel, run: RunState, width: int = 60, height: int = 12) -> str:
        return plain_text(fit(row, width) for row in panel.draw(run, width, height)[:height])

    return draw


@pytest.fixture
def roles_of() -> Callable[[list[Row], str], set[str]]:
    """roles_of(rows, text): the meanings in which that text is shown."""
    return lambda rows, text: {span.role for row in rows for span in row if text in span.text}
