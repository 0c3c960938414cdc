"""The errors screen on real runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.training import commands as c
from tui_nn.panels.confusion import counts

OpenApp = Callable[..., Any]


async def opened(ui: Any) -> None:
    await ui.press("E")
    await ui.until(lambda: ui.app.screen is ui.app.errors and "Confusion in test, step" in ui.screen_text())


async def at_rest(ui: Any) -> None:
    """Paused, with the errors of the last step."""
    ui.app.send(c.Pause())
    await ui.until(lambda: ui.run.phase == "paused" and ui.run.errors and ui.run.errors.step == ui.run.step)
    await ui.until(lambda: all(item.step == ui.run.step for item in ui.run.picked.values()))


async def test_it_is_measured_again_while_the_network_learns(open_app: OpenApp):
    async with open_app() as ui:
        await opened(ui)
        steps: set[int] = set()
        await ui.until(lambda: steps.add(ui.run.errors.step) or len(steps) > 2, "one measurement after the other")
        await ui.until(lambda: f"step {ui.run.errors.step:,}:" in ui.screen_text())
        for words in ("Accuracy by class", "Calibration error", "Labels in doubt: ", "Worst mistakes: "):
            await ui.until(lambda words=words: words in ui.screen_text(), words)


async def test_a_long_measurement_is_waited_for(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    """Asked for once more it would begin anew, and never end."""
    async with open_app() as ui:
        sent: list[Any] = []
        monkeypatch.setattr("tui_nn.screens.errors.monotonic", iter(range(0, 10**9, 100)).__next__)
        send = ui.app.errors._send
        monkeypatch.setattr(
            ui.app.errors,
            "_send",
            lambda wish: sent.append(wish) if isinstance(wish, c.MeasureErrors) else send(wish),
        )
        await ui.press("E")
        await ui.until(lambda: sent)
        step = ui.run.step
        await ui.until(lambda: ui.run.step > step + 200)
        assert len(sent) == 1


async def test_a_click_chooses_a_cell_and_one_beside_all_none(open_app: OpenApp):
    async with open_app() as ui:
        await opened(ui)
        await at_rest(ui)
        matrix = ui.app.errors.query_one("#confusion")
        # In the third row below the names, two rows a cell: class 1; behind the label the first column.
        await ui.pilot.click("#confusion", offset=(6, 4))
        await ui.until(lambda: matrix.cursor == (1, 0))
        await ui.until(lambda: "cell" in ui.run.picked and "1 read as 0: " in ui.screen_text())
        assert ui.run.picked["cell"].total == counts(ui.run.errors)[1, 0]
        await ui.pilot.click("#confusion", offset=(6, 1))
        await ui.until(lambda: matrix.cursor is None and "Worst mistakes: " in ui.screen_text())


async def test_pages_show_all_mistakes_once(open_app: OpenApp):
    async with open_app(size=(80, 24)) as ui:
        await opened(ui)
        await at_rest(ui)
        total = ui.run.errors.mistake_count
        seen: list[int] = []
        while len(seen) < total:
            first = len(seen)
            await ui.until(lambda first=first: ui.run.picked["mistakes"].first == first)
            seen += [sample.index for sample in ui.run.picked["mistakes"].samples]
            await ui.press("full_stop")
        assert len(set(seen)) == len(seen) == total
        await ui.until(lambda: ui.run.picked["mistakes"].first == 0)
        await ui.press("comma")
        await ui.until(lambda: ui.run.picked["mistakes"].first > 0)


async def test_a_change_while_it_is_paused_is_measured_at_once(open_app: OpenApp):
    async with open_app() as ui:
        await opened(ui)
        await at_rest(ui)
        before = ui.run.errors
        ui.app.send(c.Reinitialize())
        await ui.until(lambda: ui.run.errors is not before and ui.run.errors.mistake_count > before.mistake_count)
        assert ui.run.errors.step == before.step


async def test_a_table_has_rows_in_place_of_pictures(open_app: OpenApp):
    async with open_app(dataset="spiral(samples=300)", model="Linear(8), Tanh, Linear(outputs)") as ui:
        await opened(ui)
        await at_rest(ui)
        matrix = counts(ui.run.errors)
        assert matrix.shape == (3, 3)
        sample = ui.run.picked["mistakes"].samples[0]
        features = ui.run.picked["mistakes"].features[0]
        await ui.until(lambda: f"{sample.index + 1}  " in ui.screen_text() and f"{features[0]:.4g}" in ui.screen_text())
        shown = ui.run.prediction
        await ui.press("enter")
        await ui.until(lambda: "no pictures of classes" in ui.screen_text())
        ui.app.send(c.StepHyperparameter("learning_rate", +1))  # answered after all that was asked before it
        rate = ui.run.learning_rate
        await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value > rate)
        assert ui.run.prediction is shown


async def test_the_first_sample_of_a_cell_is_waited_for(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await opened(ui)
        await ui.until(lambda: "mistakes" in ui.run.picked)
        ui.app.errors._choose_cell((4, 9))
        ui.run.picked.pop("cell", None)
        assert ui.app.errors._mistakes.shown(ui.run) is None
        await ui.press("enter")
        await ui.until(lambda: ui.app.screen is ui.app.inside and ui.run.prediction is not None)
        assert ui.run.picked["cell"].samples[0].index == ui.run.prediction.index


async def test_who_has_left_meanwhile_is_not_taken_to_it_on_coming_back(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    async with open_app(paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await opened(ui)
        await ui.until(lambda: "mistakes" in ui.run.picked)
        with monkeypatch.context() as patch:
            patch.setattr(ui.app.errors, "_send", lambda wish: None)  # the answer is long in coming
            ui.app.errors._choose_cell((4, 9))
            await ui.press("enter", "E")
            await ui.until(lambda: ui.app.screen is ui.app.dashboard)
            ui.app.errors._picked.clear()
        await opened(ui)
        await ui.until(lambda: ui.app.errors._mistakes.shown(ui.run) is not None)
        await ui.press("full_stop")  # done after all that its coming set off
        await ui.until(lambda: ui.app.errors._mistakes.first > 0 or "all samples are in view" in ui.screen_text())
        assert ui.app.screen is ui.app.errors


async def test_a_network_that_has_learned_nothing_doubts_no_label(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await opened(ui)
        await ui.until(lambda: "none yet: the network agrees" in ui.screen_text())
        assert ui.run.picked["suspects"].total == 0 < ui.run.errors.mistake_count
        ui.app.send(c.Resume())
        await ui.until(lambda: "Labels in doubt: " in ui.screen_text() and ui.run.picked["suspects"].total > 0)


async def test_enter_says_where_the_samples_are(open_app: OpenApp):
    async with open_app(size=(60, 20)) as ui:
        await opened(ui)
        await ui.press("enter")
        await ui.until(lambda: "the samples are on another page (v)" in ui.screen_text())
        await ui.press("v")
        await ui.until(lambda: "mistakes" in ui.run.picked and ui.app.errors._mistakes.is_on_screen)
        await ui.press("enter")
        await ui.until(lambda: ui.app.screen is ui.app.inside)


async def test_going_back_forgets_the_errors_of_the_network_that_is_no_more(open_app: OpenApp):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.step > 20)
        ui.app.send(c.SetHyperparameter("learning_rate", 0.02))
        await opened(ui)
        await at_rest(ui)
        before = ui.run.errors
        refused = ui.run.message_count
        ui.app.send(c.Undo())
        await ui.until(lambda: ui.run.step < before.step and ui.run.errors is not before)
        await ui.press("full_stop")
        await at_rest(ui)
        await ui.until(lambda: "no errors were measured" not in ui.screen_text() and ui.run.picked)
        assert ui.run.errors.step == ui.run.step < before.step
        assert refused < ui.run.message_count  # that it went back


async def test_numbers_have_no_classes_to_be_confused(open_app: OpenApp, tmp_path: Path):
    rows = [f"{x},{2 * x + 1}" for x in np.linspace(0, 9, 120)]
    (tmp_path / "line.csv").write_text("\n".join(["x,y", *rows]), encoding="utf-8")
    async with open_app(dataset=f"csv:{tmp_path / 'line.csv'}", model="Linear(outputs)") as ui:
        assert ui.run.started.target
        await ui.press("E")
        await ui.until(lambda: "the answers are numbers" in ui.screen_text())
        assert ui.app.screen is ui.app.dashboard


@pytest.mark.parametrize(("size", "pages"), [((60, 20), 4), ((80, 24), 3), ((120, 40), 1), ((200, 60), 1)])
async def test_all_panels_are_in_view_page_by_page(size: tuple[int, int], pages: int, open_app: OpenApp):
    async with open_app(size=size) as ui:
        await opened(ui)
        assert len(ui.app.errors.arrangement.pages) == pages
        assert {panel.id for panel in ui.app.errors.panels} <= await ui.seen_on_pages(ui.app.errors)
