from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.hyperparameters import Hyperparameter
from engine.training import events as e
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]

LEARNING_RATE = Hyperparameter("learning_rate", 0.1, 1e-8, 1000.0, "log", "size of a step")


def test_nothing_before_the_run_starts(make_panel: Make, draw_text: Make):
    panel = make_panel(HyperparametersPanel)
    assert draw_text(panel, RunState()) == ""
    assert panel.selected(RunState()) is None


def test_a_row_each_and_the_chosen_one_explained(make_panel: Make, draw_text: Make, run: RunState):
    panel = make_panel(HyperparametersPanel)
    lines = draw_text(panel, run, 50, 8).splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["▸", "learning", "rate", "0.1"],
        ["weight", "decay", "off"],
        ["batch", "size", "32"],
    ]
    assert lines[-1].strip() == "size of a step"


@pytest.mark.parametrize(
    ("chosen", "name"), [(0, "learning_rate"), (2, "batch_size"), (3, "learning_rate"), (-1, "batch_size")]
)
def test_the_choice_goes_around(make_panel: Make, draw_text: Make, run: RunState, chosen: int, name: str):
    panel = make_panel(HyperparametersPanel)
    panel.chosen = chosen
    assert panel.selected(run).name == name
    (pointed,) = [line for line in draw_text(panel, run, 50, 8).splitlines() if "▸" in line]
    assert name.replace("_", " ") in pointed


def test_a_change_is_shown_when_it_is_confirmed(make_panel: Make, draw_text: Make, run: RunState):
    panel = make_panel(HyperparametersPanel)
    before = run.hyperparameters["learning_rate"]
    assert "0.05" not in draw_text(panel, run)
    run.apply(e.HyperparameterChanged(1, msgspec.structs.replace(before, value=0.05), 0.1))
    assert "0.05" in draw_text(panel, run)
    assert panel.selected(run).value == 0.05


def test_what_a_schedule_makes_of_the_learning_rate_stands_beside_it(
    make_panel: Make, draw_text: Make, run: RunState, make_steps: Make
):
    panel = make_panel(HyperparametersPanel)
    run.apply(make_steps(10, learning_rate=0.1))
    assert "now" not in draw_text(panel, run)
    run.apply(make_steps(20, learning_rate=0.025))
    assert "0.1, now 0.025" in draw_text(panel, run)


@pytest.mark.parametrize("height", [1, 2, 3])
def test_in_a_low_room_the_chosen_one_stays_in_sight(make_panel: Make, draw_text: Make, run: RunState, height: int):
    panel = make_panel(HyperparametersPanel)
    for chosen in range(3):
        panel.chosen = chosen
        assert "▸" in draw_text(panel, run, 50, height)


def test_ascii(make_panel: Make, draw_text: Make, run: RunState):
    text = draw_text(make_panel(HyperparametersPanel, "ascii"), run)
    assert text.startswith("> learning rate")
    assert text.isascii()


@pytest.mark.parametrize("width", range(14, 60))
def test_a_value_is_whole_or_it_would_be_another_number(width: int, make_panel: Make, draw_text: Make, run: RunState):
    run.apply(e.HyperparameterChanged(1, msgspec.structs.replace(LEARNING_RATE, value=0.00048828), 0.1))
    lines = draw_text(make_panel(HyperparametersPanel), run, width, 8).splitlines()
    assert "0.00048828" in lines[0].split()
    assert lines[2].split()[-1] == "32" or "samples a step" in lines[2]


def test_what_has_no_room_is_counted(make_panel: Make, draw_text: Make, run: RunState):
    panel = make_panel(HyperparametersPanel)
    draw_text(panel, run, 40, 3)
    assert panel.subtitle.startswith("2 of 3   ")
    draw_text(panel, run, 40, 4)
    assert panel.subtitle.startswith("arrows")


def test_in_a_wide_room_all_are_explained(make_panel: Make, draw_text: Make, run: RunState):
    lines = draw_text(make_panel(HyperparametersPanel), run, 80, 8).splitlines()
    assert [
        line.rstrip().endswith(item.help) for line, item in zip(lines, run.hyperparameters.values(), strict=False)
    ] == [True] * 3
