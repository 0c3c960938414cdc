from collections.abc import Callable
from typing import Any

import pytest

from tui_nn.panels.keys import KeyHint, KeysPanel, fitting
from tui_nn.run_state import RunState

HINTS = tuple(
    KeyHint(key, label, f"app.{label}", weight)
    for key, label, weight in (
        ("space", "Pause", 7),
        ("s", "Step", 4),
        ("n", "Sample", 3),
        ("z", "Zoom", 7),
        ("?", "Help", 9),
    )
)


@pytest.mark.parametrize("width", range(80))
def test_no_hint_is_cut_and_the_heaviest_stay_longest(
    width: int, make_panel: Callable[..., Any], draw_text: Callable[..., str]
):
    kept = fitting(HINTS, width)
    assert sum(hint.width + 1 for hint in kept) - 1 <= width
    assert [hint for hint in HINTS if hint in kept] == list(kept)
    left = [hint.weight for hint in HINTS if hint not in kept]
    assert min((hint.weight for hint in kept), default=9) >= max(left, default=0)
    panel = make_panel(KeysPanel)
    panel.hints = HINTS
    text = draw_text(panel, RunState(), width, 1)
    assert text.rstrip() == " ".join(f"{hint.key} {hint.label}" for hint in kept)


def test_as_soon_as_all_have_room_all_are_there():
    width = sum(hint.width + 1 for hint in HINTS) - 1
    assert fitting(HINTS, width) == HINTS
    assert len(fitting(HINTS, width - 1)) == len(HINTS) - 1
