from collections.abc import Callable
from typing import Any

import pytest

from engine.training import events as e
from tui_nn.panels.status import StatusPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def lines(draw_text: Make, panel: StatusPanel, run: RunState, width: int = 120) -> list[str]:
    return [line.strip() for line in draw_text(panel, run, width, 2).split("\n")]


def test_while_it_prepares_it_says_what(make_panel: Make, draw_text: Make):
    run, panel = RunState(), make_panel(StatusPanel)
    assert "preparing" in lines(draw_text, panel, run)[0]
    run.apply(e.PreparationAdvanced(2, 7, "compiling ReLU"))
    assert lines(draw_text, panel, run)[1] == "compiling ReLU (3 of 7)"


def test_while_it_downloads_it_says_how_far_and_how_fast(make_panel: Make, draw_text: Make):
    run = RunState()
    run.apply(e.DownloadAdvanced("mnist", 3_200_000, 11_594_722, 1_440_000.0, "example.org"))
    first, second = lines(draw_text, make_panel(StatusPanel), run)
    assert "preparing" in first
    assert second == "downloading mnist: 3.2 of 11.6 MB, 1.4 MB/s from example.org"
    run.apply(e.DownloadAdvanced("mnist", 3_200_000, 11_594_722, 0.0, "example.org"))
    assert lines(draw_text, make_panel(StatusPanel), run)[1] == "downloading mnist: 3.2 of 11.6 MB from example.org"


def test_where_the_run_stands(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    run.apply(make_steps(1250, epoch=2.5, samples=320, seconds=0.1))
    first, second = lines(draw_text, make_panel(StatusPanel), run)
    for part in ("training", "epoch 2.5/10", "step 1,250", "0:08 left", "3,200 samples/s", "full speed"):
        assert part in first
    for part in ("mnist-5k", "200 parameters", "sgd", "Linear(8)"):
        assert part in second


def test_where_it_is_narrow_the_last_parts_go_first(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    run.apply(make_steps(1250, epoch=2.5))
    panel = make_panel(StatusPanel)
    whole = lines(draw_text, panel, run)[0]
    counts = []
    for width in range(len(whole), 0, -1):
        line = lines(draw_text, panel, run, width)[0]
        assert whole.startswith(line)
        counts.append(len(line.split("   ")))
        if width >= len("* training"):
            assert line.split("   ")[-1] in whole.split("   "), "a part is shown whole or not at all"
    assert counts[0] == 6
    assert counts[-1] == 1
    assert sorted(counts, reverse=True) == counts
    assert set(counts) == set(range(1, 7))


def test_the_last_word_is_said(make_panel: Make, draw_text: Make, run: RunState, roles_of: Make):
    panel = make_panel(StatusPanel)
    run.apply(e.CommandRefused(1, "no such thing"))
    assert lines(draw_text, panel, run)[1] == "no such thing"
    run.apply(e.RunPaused(1, "the loss is not finite"))
    assert "paused" in lines(draw_text, panel, run)[0]
    assert lines(draw_text, panel, run)[1] == "the loss is not finite"
    assert roles_of(panel.draw(run, 80, 2), "not finite") == {"bad"}


def test_a_message_gives_way_to_what_is_trained(
    make_panel: Make, draw_text: Make, run: RunState, monkeypatch: pytest.MonkeyPatch
):
    clock = [100.0]
    monkeypatch.setattr("tui_nn.panels.status.monotonic", lambda: clock[0])
    panel = make_panel(StatusPanel)
    run.apply(e.CommandRefused(1, "no such thing"))
    assert lines(draw_text, panel, run)[1] == "no such thing"
    clock[0] += 60
    assert "mnist-5k" in lines(draw_text, panel, run)[1]
    run.apply(e.CommandRefused(1, "no such thing"))
    assert lines(draw_text, panel, run)[1] == "no such thing"


def test_the_end_is_told_with_its_figures(make_panel: Make, draw_text: Make, run: RunState):
    run.apply(e.RunEnded(9, "done", {"test_accuracy": 0.9312, "test_standard_error": 0.0081}))
    first, second = lines(draw_text, make_panel(StatusPanel), run)
    assert "done" in first
    assert "93.1" in second
    assert "0.8" in second
    assert "r restarts, e trains on" in second


def test_a_key_that_means_something_else_on_this_screen_is_not_offered(
    make_panel: Make, draw_text: Make, run: RunState
):
    run.apply(e.RunEnded(9, "done", {"test_accuracy": 0.9312, "test_standard_error": 0.0081}))
    panel = make_panel(StatusPanel)
    panel.taken = {"e"}
    _, second = lines(draw_text, panel, run)
    assert "r restarts" in second
    assert "trains on" not in second


@pytest.mark.parametrize("phase", ["failed", "preparing"])
def test_a_failure_before_the_start_is_told(make_panel: Make, draw_text: Make, phase: str):
    run = RunState()
    run.apply(e.RunFailed(0, "no room left"))
    assert lines(draw_text, make_panel(StatusPanel), run)[1] == "no room left"


def test_slowed(make_panel: Make, draw_text: Make, run: RunState):
    run.apply(e.PaceChanged(2.0))
    assert "slow" in lines(draw_text, make_panel(StatusPanel), run)[0]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.2, "0:00"), (59.6, "1:00"), (61, "1:01"), (3599, "59:59"), (3661, "1:01:01")]
)
def test_time_left_as_on_a_clock(
    make_panel: Make, draw_text: Make, run: RunState, make_steps: Make, seconds: float, shown: str
):
    # A step a second, a hundred steps an epoch.
    run.apply(make_steps(10, epoch=0.0, epochs=1, first_step=1, seconds=10.0))
    run.epochs = 100
    run.epoch = 100 - seconds / 100
    assert f" {shown} left" in lines(draw_text, make_panel(StatusPanel), run)[0]
