from collections.abc import Callable
from typing import Any

from engine.training import events as e
from tui_nn.panels.accuracy import AccuracyPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def test_shares_are_shown_in_percent(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    for step, accuracy in ((10, 0.25), (20, 0.5)):
        run.apply(make_steps(step, accuracy=accuracy))
    run.apply(e.Evaluated(20, 0.2, "validation", 1.5, 0.75, 400))
    panel = make_panel(AccuracyPanel)
    legend = draw_text(panel, run).splitlines()[0]
    assert legend.split()[-6:] == ["━", "train", "50.0", "━", "validation", "75.0"]
    assert "%" in panel.BORDER_TITLE


def test_the_better_curve_is_above(make_panel: Make, run: RunState, make_steps: Make):
    for step in range(10, 200, 10):
        run.apply(make_steps(step, accuracy=0.1))
        run.apply(e.Evaluated(step, step / 100, "validation", 1.5, 0.9, 400))
    rows = make_panel(AccuracyPanel).draw(run, 60, 12)[1:-2]
    where = {
        role: {y for y, row in enumerate(rows) for span in row if span.role == role and span.text.strip()}
        for role in ("train", "validation")
    }
    assert where["validation"]
    assert where["train"]
    assert max(where["validation"]) < min(where["train"])


def test_numbers_have_an_error_in_their_own_unit(
    make_panel: Make, draw_text: Make, make_started: Make, make_steps: Make
):
    run = RunState()
    run.apply(make_started(class_names=(), target="price"))
    for step, rmse in ((10, 80.0), (20, 60.0)):
        run.apply(make_steps(step, accuracy=float("nan"), rmse=rmse))
    run.apply(e.Evaluated(20, 0.2, "validation", 1.5, float("nan"), 400, rmse=64.5))
    panel = make_panel(AccuracyPanel)
    legend = draw_text(panel, run).splitlines()[0]
    assert legend.split()[-6:] == ["━", "train", "60.0", "━", "validation", "64.5"]
    assert panel.border_title == "Error of price"
    feet = []
    for panel.whole in (False, True):
        feet.append(any(line.strip().startswith("0┤") for line in draw_text(panel, run).splitlines()))
    assert feet == [False, True]
