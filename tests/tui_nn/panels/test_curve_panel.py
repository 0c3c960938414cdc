import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from engine.training import events as e
from engine.training.history import History
from tui_nn.curve_view import SMOOTHING
from tui_nn.panels.accuracy import AccuracyPanel
from tui_nn.panels.gradient_norm import GradientNormPanel
from tui_nn.panels.learning_rate import LearningRatePanel
from tui_nn.panels.loss import LossPanel
from tui_nn.panels.speed import SpeedPanel
from tui_nn.panels.update_ratio import UpdateRatioPanel
from tui_nn.plots import Row
from tui_nn.run_state import RunState

Make = Callable[..., Any]
OpenApp = Callable[..., Any]


@pytest.fixture
def long_run(run: RunState, make_steps: Make) -> RunState:
    """Steps 10 to 2,000: the loss falls from 2 to 1 in a straight line, and jumps by a tenth from report to report."""
    for step in range(10, 2001, 10):
        run.apply(make_steps(step, 2 - step / 2000 + (step // 10 % 2) * 0.1, accuracy=step / 2500))
    run.apply(e.Evaluated(1000, 10.0, "validation", 1.75, 0.5, 400))
    return run


def roles(rows: list[Row]) -> set[str]:
    return {span.role for row in rows for span in row if span.text.strip()}


def test_the_cursor_shows_what_was_at_its_step(make_panel: Make, draw_text: Make, long_run: RunState):
    panel = make_panel(LossPanel)
    panel.view.cursor = 1000.0
    long_run.apply(e.HyperparameterChanged(1000, long_run.hyperparameters["learning_rate"], 0.2))
    lines = draw_text(panel, long_run, 70).splitlines()
    found = re.search(r"train  ([\d.]+) \(([\d.]+)–([\d.]+)\)", lines[0])
    assert found
    mean, low, high = map(float, found.groups())
    # The column is of some thirty steps: three reports, the losses of every second a tenth higher.
    assert mean == pytest.approx(1.55, abs=0.04)
    assert (low, high) == (pytest.approx(0.75, abs=0.01), pytest.approx(2.4, abs=0.03))
    assert "validation  1.750" in lines[0]
    assert "1,000" in lines[-1]
    assert panel.subtitle == "step 1,000   epoch 10.0   learning rate 0.2 to 0.1"


def test_before_the_first_evaluation_there_is_nothing_to_read(make_panel: Make, draw_text: Make, long_run: RunState):
    panel = make_panel(LossPanel)
    panel.view.cursor = 200.0
    assert draw_text(panel, long_run, 70).splitlines()[0].endswith("validation      -")


@pytest.mark.parametrize("kind", [LossPanel, AccuracyPanel])
def test_smoothing_leaves_what_it_was_made_of_behind(kind: Any, make_panel: Make, long_run: RunState):
    panel = make_panel(kind)
    pictures = []
    for panel.view.smoothing in SMOOTHING:
        pictures.append(panel.draw(long_run, 60, 16))
        assert ("train-range" in roles(pictures[-1])) or not panel.view.smoothing
        assert (f"smoothed {panel.view.smoothing:g}" in panel.subtitle) == bool(panel.view.smoothing)
    assert len({str(picture) for picture in pictures}) == len(SMOOTHING)


def test_validation_is_not_smoothed(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    for step, loss in ((10, 4.0), (20, 1.0)):
        run.apply(make_steps(step, loss))
        run.apply(e.Evaluated(step, step / 100, "validation", loss, 0.5, 400))
    panel = make_panel(LossPanel)
    panel.view.smoothing = 0.6
    # 4 and 1 with weights 0.6 * 0.4 and 0.4, of 1 - 0.36.
    assert draw_text(panel, run, 70).splitlines()[0].split()[-6:] == [
        "train",
        "(0.6)",
        "2.12",
        "━",
        "validation",
        "1.00",
    ]


def test_joining_old_points_leaves_the_smoothed_curve_alone(
    make_panel: Make, draw_text: Make, run: RunState, make_steps: Make
):
    legends = []
    for capacity in (4096, 40):
        run.train_loss = History(capacity)
        for step in range(10, 1001, 10):
            run.apply(make_steps(step, 3 - step / 500 if step < 500 else 2.0))
        panel = make_panel(LossPanel)
        panel.view.smoothing = 0.97
        legends.append(draw_text(panel, run, 70).splitlines()[0].split()[3])
    assert float(legends[0]) == pytest.approx(float(legends[1]), abs=0.011)


def test_the_run_before_is_grey_until_it_is_hidden(
    make_panel: Make, draw_text: Make, long_run: RunState, make_started: Make, make_steps: Make
):
    panel = make_panel(LossPanel)
    assert "previous" not in roles(panel.draw(long_run, 60, 12))
    long_run.apply(make_started())
    long_run.apply(make_steps(10, 3.0))
    for step in (1000, 1500):
        long_run.apply(make_steps(step, 3.0))
    assert "previous" in roles(panel.draw(long_run, 60, 12))
    # At step 1,500 it had a loss of 1.25.
    assert draw_text(panel, long_run).splitlines()[0].split()[-2:] == ["before", "1.25"]
    panel.view.before = False
    assert "previous" not in roles(panel.draw(long_run, 60, 12))


def test_an_attempt_without_a_step_does_not_take_the_place_of_the_one_before(long_run: RunState, make_started: Make):
    for _ in range(2):
        long_run.apply(make_started())
        assert long_run.before is not None
        assert long_run.before.train_loss.step[-1] == 2000
        assert len(long_run.train_loss) == 0


def test_a_gap_is_told(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    for step in range(10, 500, 10):
        run.apply(make_steps(step, np.nan if step == 240 else 1.0))
    panel = make_panel(LossPanel)
    assert "×" in draw_text(panel, run).splitlines()[-2]
    assert panel.subtitle.startswith("nan at step 240")


def test_an_infinity_is_named(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    for step in range(10, 500, 10):
        run.apply(make_steps(step, 1.0))
        run.apply(e.Evaluated(step, 1.0, "validation", np.inf if step == 240 else 1.0, 0.5, 400))
    for glyphs, word in (("braille", "↑inf"), ("ascii", "^inf")):
        assert word in draw_text(make_panel(LossPanel, glyphs), run).splitlines()[1]


def test_a_zoomed_accuracy_shows_small_differences(make_panel: Make, run: RunState, make_steps: Make):
    for step in range(10, 2001, 10):
        run.apply(make_steps(step, accuracy=0.5 if step < 1000 else 0.971 + step / 1e6))
    panel = make_panel(AccuracyPanel)
    panel.view.window = (1500.0, 2000.0)
    labels = {row[0].text.strip() for row in panel.draw(run, 60, 12)[1:-2]}
    assert any(label.startswith("97") for label in labels)


def test_rates_norms_ratios_and_speed_become_curves(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    ratios = (e.Range(1e-3, 1e-4, 2e-3), e.Range(3e-3, 1e-3, 4e-3), e.Range(9e-3, 1e-3, 5e-2))
    for step in (10, 20):
        run.apply(make_steps(step, norms=(3.0, 4.0), update_ratios=ratios, learning_rate=0.02, seconds=0.1))
    expected = {
        LearningRatePanel: "0.0200",
        GradientNormPanel: "5.00",
        UpdateRatioPanel: "0.00300",
        SpeedPanel: "3.20k",
    }
    for kind, text in expected.items():
        assert text in draw_text(make_panel(kind), run).splitlines()[0], kind
    panel = make_panel(UpdateRatioPanel)
    panel.view.cursor = 20.0
    assert "(1.00e-4–0.0500)" in draw_text(panel, run, 70).splitlines()[0]
    assert "usual" in draw_text(panel, run, 70).splitlines()[0]


def test_a_search_has_no_updates_to_compare(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    run.apply(make_steps(10, norms=()))
    assert "no update" in draw_text(make_panel(UpdateRatioPanel), run)


def test_speed_begins_at_zero(make_panel: Make, draw_text: Make, run: RunState, make_steps: Make):
    for step, seconds in ((10, 0.1), (20, 0.101), (30, 0.099)):
        run.apply(make_steps(step, seconds=seconds))
    assert any(line.strip().startswith("0┤") for line in draw_text(make_panel(SpeedPanel), run).splitlines())


async def test_the_mouse_places_the_cursor_drags_and_zooms(open_app: OpenApp):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.step > 300)
        await ui.press("space")
        view, loss = ui.app.dashboard.curves, ui.widget("#loss")
        await ui.until(lambda: ui.run.phase == "paused" and loss.area.x == view.limits((0.0, ui.run.step)))
        await ui.pilot.mouse_down("#loss", offset=(30, 4))
        await ui.pilot.mouse_up("#loss", offset=(30, 4))
        await ui.until(lambda: f"step {view.cursor:,.0f}" in ui.widget("#accuracy").subtitle)
        assert view.cursor == pytest.approx(loss.area.at(29))
        whole = view.limits((0.0, ui.run.step))
        assert view.window is None

        await wheel(ui, "#loss", up=True)
        await ui.until(lambda: view.window)
        low, high = view.limits((0.0, ui.run.step))
        assert high - low == pytest.approx((whole[1] - whole[0]) / 2)
        await ui.until(lambda: loss.area.x == (low, high) == ui.widget("#accuracy").area.x)

        cursor_cell = 30
        await ui.pilot.mouse_down("#loss", offset=(cursor_cell, 4))
        await ui.pilot.hover("#loss", offset=(cursor_cell + 5, 4))
        await ui.pilot.mouse_up("#loss", offset=(cursor_cell + 5, 4))
        cell = (high - low) / loss.area.columns
        await ui.until(lambda: loss.area.x[0] == pytest.approx(max(low - 5 * cell, 0)))

        await wheel(ui, "#accuracy", up=False)
        await ui.until(lambda: view.window is None)
        assert ui.run.phase == "paused"


async def wheel(ui: Any, selector: str, *, up: bool) -> None:
    kind = MouseScrollUp if up else MouseScrollDown
    widget = ui.widget(selector)
    event = kind(widget, 30, 4, 0, 0, 0, False, False, False, 30 + widget.region.x, 4 + widget.region.y)
    widget.post_message(event)
    await ui.pilot.pause()


async def test_a_restart_forgets_where_one_looked(open_app: OpenApp):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.step > 300)
        await ui.press("y", "left_square_bracket", "right_curly_bracket")
        view, started = ui.app.dashboard.curves, ui.run.started
        assert view.window is not None
        await ui.press("r")
        await ui.until(lambda: ui.run.started is not started)
        await ui.until(lambda: view.window is None and view.cursor is None)
        assert view.smoothing == 0.6


async def test_a_rewind_takes_its_cursor_off_the_screen_without_waiting_for_a_frame(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.step > 300)
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused")
        await ui.press("left_square_bracket")
        ui.app.dashboard.curves.cursor = 170.0
        await ui.press("left_square_bracket")
        await ui.until(lambda: "─ step 1" in ui.screen_text())
        monkeypatch.setattr(ui.app, "_link_is_free", lambda: False)
        await ui.press("R")
        await ui.until(lambda: "rewound: back from step" in ui.text("#status"))
        assert ui.app.dashboard.curves.cursor is None
        assert "─ step 1" not in ui.screen_text()


async def test_a_rewound_run_that_is_soon_beyond_the_cursor_has_none(open_app: OpenApp, make_steps: Make):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.step > 300)
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused")
        await ui.settle()
        dashboard, run = ui.app.dashboard, ui.run
        dashboard.curves.cursor = 170.0
        about = {item: getattr(run, item) for item in ("epoch", "epochs", "train_count")}
        run.went_back = SimpleNamespace(step=100, **about)
        dashboard.answer(run)
        assert dashboard.curves.cursor is None
        dashboard.curves.cursor = 90.0
        dashboard.answer(run)
        assert dashboard.curves.cursor == 90.0
        dashboard.curves.cursor = 0.0
        run.went_back = SimpleNamespace(step=0, **about)
        dashboard.answer(run)
        assert dashboard.curves.cursor is None
