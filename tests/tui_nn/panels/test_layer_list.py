from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from engine.training.events import Range, UnitFigures
from tui_nn.panels.layer_list import LayerListPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def test_a_row_a_layer_with_its_figures(
    run: RunState, make_look: Make, make_steps: Make, make_panel: Make, draw_text: Make
):
    run.apply(make_steps(norms=(0.25, 3.0), update_ratios=(Range(2e-3, 1e-3, 3e-3), Range(5e-5, 1e-5, 9e-5))))
    run.apply(make_look())
    lines = draw_text(make_panel(LayerListPanel, "ascii"), run, 90, 6).splitlines()
    assert lines[0].split() == ["layer", "gives", "parameters", "gradient", "update", "dead", "saturated"]
    assert lines[1].split() == [">", "0", "Linear(8)", "8", "100", "0.250", "0.002", "!12%", "-"]
    assert lines[2].split() == ["2", "Linear(3)", "8", "100", "3.00", "<5e-5", "-", "!!60%"]


def test_what_does_not_learn_is_called_frozen_and_the_activation_stands_behind(
    make_started: Make, make_panel: Make, draw_text: Make
):
    started = make_started()
    frozen = msgspec.structs.replace(started.layers[0], frozen=True, activation="ReLU")
    run = RunState()
    run.apply(msgspec.structs.replace(started, layers=(frozen, started.layers[1])))
    lines = draw_text(make_panel(LayerListPanel, "ascii"), run, 100, 6).splitlines()
    assert lines[1].startswith("> 0 Linear(8) frozen ReLU ")
    assert lines[2].startswith("  2 Linear(3)  ")


def test_a_long_name_says_that_it_is_cut(make_started: Make, make_panel: Make, draw_text: Make):
    run = RunState()
    run.apply(make_started("Conv2d(16, 5, stride=2, padding=2)"))
    line = draw_text(make_panel(LayerListPanel), run, 60, 4).splitlines()[1]
    assert "Conv2d(16" in line.partition("…")[0]
    assert "…" in line
    assert "ReLU" not in line


@pytest.mark.parametrize(
    ("units", "text", "role"),
    [
        (UnitFigures("0", 100, dead=10), "10%", "muted"),
        (UnitFigures("0", 100, dead=11), "!11%", "warn"),
        (UnitFigures("0", 100, dead=51), "!!51%", "bad"),
        (UnitFigures("0", 100, saturated=0.25), "25%", "muted"),
        (UnitFigures("0", 100, saturated=0.26), "!26%", "warn"),
        (UnitFigures("0", 100, saturated=0.51), "!!51%", "bad"),
    ],
)
def test_what_the_diagnosis_calls_amber_or_red_has_a_sign_and_a_colour(
    units: UnitFigures, text: str, role: str, run: RunState, make_look: Make, make_panel: Make
):
    run.apply(make_look(units=(units,)))
    row = make_panel(LayerListPanel).draw(run, 90, 6)[1]
    assert [(span.text.strip(), span.role) for span in row if "%" in span.text] == [(text, role)]


def test_what_is_needed_most_stays_where_there_is_little_room(run: RunState, make_panel: Make, draw_text: Make):
    panel = make_panel(LayerListPanel)
    headings = [set(draw_text(panel, run, width, 4).splitlines()[0].split()) for width in range(10, 100)]
    assert all(before <= after or "layer" not in before for before, after in pairwise(headings))
    assert {"layer", "dead", "gradient", "update"} <= headings[58 - 10]
    for width in range(1, 100):
        assert max(map(len, draw_text(panel, run, width, 4).splitlines())) <= width


@pytest.mark.parametrize("height", [2, 4, 7])
def test_the_chosen_layer_is_in_view_and_the_choice_goes_around(
    height: int, make_started: Make, make_panel: Make, draw_text: Make
):
    run, panel = RunState(), make_panel(LayerListPanel)
    run.apply(make_started(*(f"Linear({n})" for n in range(30, 44))))
    panel._run = run
    for turn in range(30):
        panel.choose(turn)
        lines = draw_text(panel, run, 60, height).splitlines()
        assert len(lines) == height
        (chosen,) = (line for line in lines if "▸" in line)
        assert f"Linear({30 + turn % 14})" in chosen
        assert "of 14" in panel.subtitle
    panel.choose(-1)
    assert panel.place == 13
