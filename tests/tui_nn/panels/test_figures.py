from collections.abc import Callable
from typing import Any

from engine.training import events as e
from tui_nn.panels.figures import FiguresPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def test_nothing_before_the_run_starts(make_panel: Make, draw_text: Make):
    assert draw_text(make_panel(FiguresPanel), RunState()) == ""


def test_figures_stand_below_their_split(make_panel: Make, draw_text: Make, make_steps: Make, run: RunState):
    run.apply(make_steps(10, 0.0808, norms=(3.0, 4.0), accuracy=0.979))
    run.apply(e.Evaluated(10, 0.1, "validation", 0.2351, 0.922, 400))
    lines = draw_text(make_panel(FiguresPanel), run, 25, 6).splitlines()
    assert [line.split() for line in lines] == [
        ["train", "valid"],
        ["loss", "0.0808", "0.2351"],
        ["accuracy", "97.9", "%", "92.2", "%"],
        ["▸", "learning", "rate", "0.1"],
        ["gradient", "norm", "5"],  # the root of 3 and 4 squared
        ["samples/s", "6,400"],
    ]
    assert {line.index(word) + len(word) for line, word in zip(lines, ("valid", "0.2351", "92.2 %"), strict=False)} == {
        25
    }


def test_the_error_of_a_number(make_panel: Make, draw_text: Make, make_started: Make, make_steps: Make):
    run = RunState()
    run.apply(make_started(target="price", class_names=()))
    run.apply(make_steps(10, 0.5, rmse=12.5))
    lines = draw_text(make_panel(FiguresPanel), run, 25, 3).splitlines()
    assert lines[2].split()[:2] == ["error", "12.5"]


def test_in_a_narrow_room_no_figure_is_cut(make_panel: Make, draw_text: Make, make_steps: Make, run: RunState):
    run.apply(make_steps(10, 0.0808))
    for width in range(23, 60):
        assert "0.0808" in draw_text(make_panel(FiguresPanel), run, width, 6).split()
