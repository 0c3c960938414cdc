from collections.abc import Callable
from typing import Any

import pytest

from engine.training import events as e
from tui_nn.panels.weight_histogram import SMALLEST, WeightHistogramPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def histogram(layer: int, not_finite: int = 0) -> e.Histogram:
    return e.Histogram(str(layer), -0.5, 0.5, (0, 10, 40, 10, 0), not_finite, 0.0123, 0.25)


@pytest.fixture
def measured(make_started: Make) -> RunState:
    run = RunState()
    run.apply(make_started("Linear(9)", "Linear(8)", "Linear(7)"))
    run.apply(e.WeightsMeasured(1, (histogram(0), histogram(2), histogram(4))))
    return run


def names(text: str) -> list[str]:
    return [" ".join(line.split()[:2]) for line in text.splitlines() if "Linear(" in line]


def test_nothing_before_the_first_measurement(make_panel: Make, draw_text: Make, run: RunState):
    assert draw_text(make_panel(WeightHistogramPanel), run) == ""


def test_layers_one_below_the_other_with_their_figures(make_panel: Make, draw_text: Make, measured: RunState):
    panel = make_panel(WeightHistogramPanel)
    text = draw_text(panel, measured, 60, 3 * SMALLEST)
    assert names(text) == ["0 Linear(9)", "2 Linear(8)", "4 Linear(7)"]
    assert "mean 0.012" in text
    assert "deviation 0.25" in text
    assert "█" in text
    assert "-0.5" in text
    assert len(text.splitlines()) == 3 * SMALLEST
    assert panel.subtitle == ""


def test_where_not_all_have_room_they_scroll_around(make_panel: Make, draw_text: Make, measured: RunState):
    panel = make_panel(WeightHistogramPanel)
    pages = []
    for _ in range(4):
        pages.append(names(draw_text(panel, measured, 60, 2 * SMALLEST)))
        panel.first += 1
    assert pages == [
        ["0 Linear(9)", "2 Linear(8)"],
        ["2 Linear(8)", "4 Linear(7)"],
        ["4 Linear(7)", "0 Linear(9)"],
        ["0 Linear(9)", "2 Linear(8)"],
    ]
    assert "2 of 3" in panel.subtitle


def test_where_all_have_room_they_stand_in_order(make_panel: Make, draw_text: Make, measured: RunState):
    panel = make_panel(WeightHistogramPanel)
    panel.first = 2
    assert names(draw_text(panel, measured, 60, 24))[0] == "0 Linear(9)"


def test_weights_that_are_not_finite_are_counted(make_panel: Make, draw_text: Make, roles_of: Make, run: RunState):
    run.apply(e.WeightsMeasured(1, (histogram(0, not_finite=17), histogram(2))))
    panel = make_panel(WeightHistogramPanel)
    assert draw_text(panel, run, 70, 10).count("not finite") == 1
    assert roles_of(panel.draw(run, 70, 10), "17 not finite") == {"bad"}


def test_the_tallest_column_is_the_fullest_bin(make_panel: Make, draw_text: Make, run: RunState):
    run.apply(e.WeightsMeasured(1, (histogram(0),)))
    top = draw_text(make_panel(WeightHistogramPanel), run, 50, 8).splitlines()[1]
    assert set(top[20:30]) == {"█"}
    assert not top[:20].strip()
    assert not top[30:].strip()


def test_in_a_wide_room_they_stand_beside_one_another(make_panel: Make, draw_text: Make, measured: RunState):
    panel = make_panel(WeightHistogramPanel)
    lines = draw_text(panel, measured, 63, 2 * SMALLEST).splitlines()
    assert panel.subtitle == ""
    assert lines[0].split()[:2] == ["0", "Linear(9)"]
    assert lines[SMALLEST].split()[:2] == ["2", "Linear(8)"]
    assert lines[0].index("4 Linear(7)") == 33  # two of 30 cells, three between them


@pytest.mark.parametrize("width", range(12, 60))
def test_no_figure_is_cut(width: int, make_panel: Make, draw_text: Make, measured: RunState):
    heading = draw_text(make_panel(WeightHistogramPanel), measured, width, SMALLEST).splitlines()[0].rstrip()
    assert heading in ("0 Linear(9)", "0 Linear(9)  mean 0.012", "0 Linear(9)  mean 0.012  deviation 0.25")
