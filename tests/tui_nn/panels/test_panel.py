import re
from collections.abc import Callable
from typing import Any

import pytest
from textual.geometry import Size

from tui_nn.panels.panel import Panel, _is_same
from tui_nn.plots import Span
from tui_nn.run_state import RunState


class Sample(Panel):
    title = "A title"
    subtitle = "below"

    def draw(self, run: RunState, width: int, height: int) -> list[Any]:
        return [(Span("x" * 99),)] * 99


@pytest.mark.parametrize("glyphs", ["braille", "ascii"])
def test_a_frame_stands_around_every_panel_at_any_size(glyphs: str, make_panel: Callable[..., Any], run: Any):
    panel = make_panel(Sample, glyphs)
    for size in (Size(0, 0), Size(1, 1), Size(2, 2), Size(3, 5), Size(8, 3), Size(40, 10)):
        rows = ["".join(span.text for span in row) for row in panel._draw(run, *size)]
        assert len(rows) == size.height
        if size.width >= 2:
            assert {len(row) for row in rows} <= {size.width}
    assert re.fullmatch(r"[╭+][─-] A title [─-]+[╮+]", rows[0])
    assert re.fullmatch(r"[╰+][─-]+ below [─-][╯+]", rows[-1])
    assert set(rows[1][1:-1]) == {"x"}


def test_rows_stay_while_what_they_are_drawn_from_is_the_same():
    event, other = [1], [1]
    assert _is_same((event, 3), (event, 3))
    assert not _is_same((event, 3), (other, 3))
    assert not _is_same((event,), (event, None))
    assert _is_same(event, event)
    assert not _is_same(event, other)
    assert not _is_same(None, None)
