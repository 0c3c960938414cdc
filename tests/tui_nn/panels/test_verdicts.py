"""What is wrong with a run, in any room: legible, complete, and never cut in the middle of a word."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.health.verdict import Verdict
from engine.training import events as e
from engine.training.commands import Reinitialize, SetHyperparameter
from tui_nn.panels.verdicts import VerdictsPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]

LONG = "learning rate 0.1, clip the gradient at its usual norm, 130, He initialization anew"
CURE = (SetHyperparameter("learning_rate", 0.1), Reinitialize())

RED = Verdict("exploding", "red", "", 5, float("nan"), 10.0, LONG, CURE)
DEAD = Verdict("dead_units", "red", "3 Linear(64)", 1045, 0.98, 0.5, "a lower learning rate")
AMBER = Verdict("vanishing", "amber", "1 Linear(30)", 45, 0.0031, 0.05, "ReLU for Sigmoid", CURE)


def raised(run: RunState, *verdicts: Verdict) -> RunState:
    for verdict in verdicts:
        run.apply(e.VerdictRaised(verdict.step, verdict))
    return run


def test_a_healthy_run_is_told_so_and_what_was(make_panel: Make, draw_text: Make, run: RunState):
    panel = make_panel(VerdictsPanel)
    assert draw_text(panel, run, 58, 4).strip() == "healthy: no verdict"
    raised(run, AMBER)
    run.apply(e.VerdictCleared(150, AMBER))
    lines = draw_text(panel, run, 58, 6).splitlines()
    assert lines[0].strip() == "healthy: no verdict"
    assert [line.split()[:4] for line in lines[2:4]] == [
        ["step", "150", "over", "vanishing"],
        ["step", "45", "amber", "vanishing"],
    ]


@pytest.mark.parametrize("width", [26, 28, 34, 50, 58, 90])
@pytest.mark.parametrize("verdict", [RED, DEAD, AMBER], ids=lambda verdict: verdict.rule)
def test_of_the_chosen_one_all_is_there(make_panel: Make, draw_text: Make, run: RunState, verdict: Verdict, width: int):
    panel = make_panel(VerdictsPanel)
    lines = draw_text(panel, raised(run, verdict), width, 16).splitlines()
    text = "\n".join(lines[: [line.strip() for line in lines].index("")])  # below stands what was
    figure = "not finite" if verdict is RED else "0.98 > 0.5" if verdict is DEAD else "0.0031 < 0.05"
    key = "a: " if verdict.cure else ""
    whole = f"{verdict.level} {verdict.place} {figure} since step {verdict.step:,} {key}{verdict.remedy}"
    assert " ".join(text.split()).removeprefix("! ") == whole
    assert all(len(line.rstrip()) <= width for line in text.splitlines())


def test_the_figures_go_before_the_remedy_does(make_panel: Make, draw_text: Make, run: RunState):
    text = " ".join(draw_text(make_panel(VerdictsPanel), raised(run, AMBER), 28, 4).split())
    assert text == "amber vanishing in 1 Linear(30) a: ReLU for Sigmoid"


def test_the_most_serious_comes_first_and_the_others_have_a_row_each(make_panel: Make, draw_text: Make, run: RunState):
    panel = make_panel(VerdictsPanel)
    raised(run, AMBER, DEAD, RED)
    lines = draw_text(panel, run, 58, 5).splitlines()
    assert lines[0].startswith("! red   exploding   not finite   since step 5")
    assert lines[1].strip().startswith("a: learning rate 0.1, clip")
    assert lines[3].startswith("! red   dead units in 3 Linear(64)   0.98 > 0.5")
    assert lines[4].startswith("  amber vanishing in 1 Linear(30)   0.0031 < 0.05")
    assert panel.subtitle == "A: next"
    assert draw_text(panel, run, 58, 4).splitlines()[3].strip() == "2 more"
    panel.chosen = ("vanishing", "1 Linear(30)")
    assert draw_text(panel, run, 58, 5).splitlines()[0].startswith("  amber vanishing")


def test_it_asks_for_as_many_rows_as_that_takes(make_panel: Make, draw_text: Make, run: RunState):
    panel = make_panel(VerdictsPanel)
    assert panel.enough(run) == 3
    assert panel.enough(raised(run, AMBER)) == 3 + 2
    assert panel.enough(raised(run, RED)) == 3 + 2 + 2
    assert draw_text(panel, run, 58, panel.enough(run) - 2).count("ReLU for Sigmoid") == 1
