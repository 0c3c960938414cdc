from collections.abc import Callable
from typing import Any

import pytest

from engine.training import commands as c
from engine.training import events as e
from tui_nn.panels.saliency import SaliencyPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def explained(side: int) -> e.DigitExplained:
    """Ink on the right edge alone, and the same there for both maps."""
    pixels = (b"\0" * (side - 4) + b"\xff" * 4) * side
    shares = (b"\0" * (side - 4) + b"\x7f" * 4) * side
    return e.DigitExplained(
        1, 0, 1, 0, c.Variation(), side, side, pixels, shares, 1.0, shares, 1.0, (), "pixels", None, (), 0, 3, 0.01
    )


@pytest.mark.parametrize("side", [28, 32, 64, 128])
@pytest.mark.parametrize("width", [20, 28, 40, 56, 57, 58, 66, 100])
def test_every_map_that_is_shown_is_whole(side: int, width: int, make_panel: Make, run: RunState):
    run.apply(explained(side))
    panel = make_panel(SaliencyPanel)
    rows = panel.draw(run, width, 40)
    assert len(rows) > 1
    lengths = {sum(len(span.text) for span in row) for row in rows}
    assert len(lengths) == 1
    assert 0 < lengths.pop() <= width
    assert any("gradient" in span.text for span in rows[0])
    small = -(-side // max(-(-side // width), 1))
    assert any("occlusion" in span.text for span in rows[0]) == (2 * small + 2 <= width)
    for row in rows[2:-2]:
        assert row[-1].text.strip() or row[-1].role  # the ink on the right edge
