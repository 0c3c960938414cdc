from collections.abc import Callable
from typing import Any

import pytest

from engine.training import events as e
from tui_nn.panels.loss import LossPanel
from tui_nn.panels.marks import marks
from tui_nn.plots import Mark
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def test_before_the_first_step_there_are_only_axes(make_panel: Make, draw_text: Make, run: RunState):
    text = draw_text(make_panel(LossPanel), run)
    assert "step" in text
    assert "train" in text
    assert not any(0x2801 <= ord(character) <= 0x28FF for character in text)


def test_the_legend_says_the_latest_of_both_curves(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    for step, loss in ((10, 2.0), (20, 1.25)):
        run.apply(make_steps(step, loss))
    run.apply(e.Evaluated(20, 0.2, "validation", 1.5, 0.5, 400))
    for scale in ("linear", "log"):
        panel = make_panel(LossPanel)
        panel.scale = scale
        legend = draw_text(panel, run).splitlines()[0]
        assert legend.split()[-6:] == ["━", "train", "1.25", "━", "validation", "1.50"]
        assert scale in panel.subtitle


def test_a_log_axis_is_another_picture_of_the_same_run(
    make_panel: Make, draw_text: Make, run: RunState, make_steps: Make
):
    for step in range(1, 60):
        run.apply(make_steps(step, 10.0 ** (-step / 20)))
    panel, pictures = make_panel(LossPanel), {}
    for scale in ("linear", "log"):
        panel.scale = scale
        pictures[scale] = draw_text(panel, run)
    assert pictures["linear"] != pictures["log"]
    # On a log axis an exponential is a straight line: its middle stands half-way down.
    heights = [line for line in pictures["log"].splitlines()[1:-2] if line[6:].strip()]
    assert len(heights) >= 8


def test_a_loss_that_is_not_a_number_is_a_gap(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    for step, loss in ((10, 2.0), (20, float("nan")), (30, 1.0)):
        run.apply(make_steps(step, loss))
    lines = draw_text(make_panel(LossPanel), run).splitlines()
    assert "1.00" in lines[0]
    assert "nan" not in "".join(lines)


def test_epochs_and_changes_are_marked(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    for step in (50, 100, 150, 200):
        run.apply(make_steps(step))
    run.apply(e.EpochEnded(100, 1, 1.0, 0.5, 1.0, 0.5, 0.3))
    before = draw_text(make_panel(LossPanel), run)
    run.apply(e.HyperparameterChanged(150, run.hyperparameters["learning_rate"], 0.2))
    after = draw_text(make_panel(LossPanel), run)
    assert marks(run) == [Mark(100, "epoch"), Mark(150, "change")]
    assert "▲" not in before
    assert "▲" in after
    axis = after.splitlines()[-2]
    left, right = axis.index("└") + 1, len(axis) - 1
    assert axis.index("▲") == pytest.approx(left + (right - left) * 150 / 200, abs=1)
