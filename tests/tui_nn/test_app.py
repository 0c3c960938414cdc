import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.geometry import Region
from textual.widgets import Input

import tui_nn
from engine.training.checkpoint import load_checkpoint
from tui_nn.panels.panel import Panel
from tui_nn.screens.help import HelpScreen
from tui_nn.screens.value import ValueScreen
from tui_nn.settings import Settings

OpenApp = Callable[..., Any]

ROOT = Path(tui_nn.__file__).parents[1]

AROUND = {"status", "keys"}
LARGE = {"loss", "accuracy", "prediction", "gradient-norms", "weights", "hyperparameters", "verdicts"}
EXTRA = {"learning-rate", "gradient-norm", "update-ratio", "speed"}
PAGES: dict[tuple[int, int], list[set[str]]] = {
    (150, 36): [LARGE | EXTRA],
    (80, 36): [LARGE],
    (150, 20): [LARGE - {"prediction", "verdicts"}, EXTRA | {"prediction", "verdicts"}],
    (80, 20): [{"loss", "accuracy", "gradient-norms", "hyperparameters"}, {"prediction", "weights", "verdicts"}],
    (60, 20): [
        {"loss", "gradient-norms"},
        {"accuracy", "weights", "hyperparameters"},
        {"prediction"},
        {"verdicts"},
    ],
    (1, 1): [set()],
}
"""By the least size of a terminal, the panels of each page."""

SPARE = {"figures", "accuracy"}
"""Panels that are also there where they have room."""

ENGINE_STARTS = """
import asyncio, sys
from pathlib import Path
from engine.training.config import make_config
from tui_nn.app import TuiNN
from tui_nn.session import Session

found = {}

class Watched(Session):
    def run(self):
        found["compiler"] = "numba" in sys.modules
        found["screen"] = "".join(strip.text for strip in app.screen._compositor.render_strips())
        super().run()

async def main():
    async with app.run_test(size=(120, 40)) as pilot:
        while app.run_state.started is None:
            await asyncio.sleep(0.01)
        found["later"] = "numba" in sys.modules
        session.send(Close())

from engine.training.commands import Close
session = Watched(make_config({"epochs": 1}), Path(sys.argv[1]) / "last.safetensors", paused=True)
app = TuiNN(session)
asyncio.run(main())
assert not found["compiler"], "the compiler was loaded before the first frame"
assert "preparing" in found["screen"], found["screen"]
assert "Hyperparameters" in found["screen"], found["screen"]
assert found["later"]
"""


def test_the_first_frame_is_there_before_the_compiler_is_loaded(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", ENGINE_STARTS, tmp_path], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def pages(width: int, height: int) -> list[set[str]]:
    """The panels that this terminal is promised, page by page."""
    return next(pages for (least, low), pages in PAGES.items() if width >= least and height >= low)


def complaints(ui: Any, width: int, height: int, promised: set[str]) -> list[str]:
    """What is wrong with the layout: panels amiss, cut off, without room inside, or over one another."""
    seen = ui.seen()
    names = {panel.id for panel in seen}
    right = promised <= names <= promised | SPARE if promised else not names
    found = [] if right else [f"seen are {names}"]
    room = Region(0, 0, width, height)
    for panel in seen:
        least = {"status": 2, "keys": 1, "verdicts": 4}.get(panel.id, 5)
        if not room.contains_region(panel.region) or panel.size.width < 20 or panel.size.height < least:
            found.append(f"{panel.id} is at {panel.region}")
    for one, other in combinations(seen, 2):
        if one.region.overlaps(other.region):
            found.append(f"{one.id} {one.region} lies over {other.id} {other.region}")
    sentence = f"here {width}x{height}." in " ".join(ui.screen_text().split())
    if sentence == bool(promised):
        found.append(f"the sentence is there: {sentence}")
    return found


async def shows(ui: Any, width: int, height: int, page: int = 0) -> None:
    """Every promised panel is there, whole and with room inside, and none covers another."""
    promised = pages(width, height)[page]
    promised = promised | AROUND if promised else promised
    try:
        await ui.until(lambda: not complaints(ui, width, height, promised))
    except AssertionError:
        raise AssertionError(f"{width}x{height}: {complaints(ui, width, height, promised)}") from None
    await ui.until(lambda: [len(line) for line in ui.screen_text().splitlines()] == [width] * height, "rows drawn anew")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 20), (160, 24)], ids=str)
async def test_all_panels_are_where_they_were_promised(open_app: OpenApp, size: tuple[int, int]):
    async with open_app(size=size) as ui:
        for page in [*range(len(pages(*size))), 0]:
            await shows(ui, *size, page=page)
            await ui.press("v")


async def test_the_terminal_may_change_its_size_while_it_trains(open_app: OpenApp):
    async with open_app(size=(120, 40)) as ui:
        sizes = [(80, 24), (200, 60), (59, 24), (60, 20), (80, 19), (100, 36), (99, 36), (100, 35), (120, 40)]
        for size in sizes:
            await ui.pilot.resize_terminal(1, 1)
            await ui.pilot.resize_terminal(*size)
            await shows(ui, *size)
        step = ui.run.step
        await ui.until(lambda: ui.run.step > step)


async def test_where_nothing_has_room_a_sentence_says_what_is_needed(open_app: OpenApp):
    async with open_app(size=(50, 15)) as ui:
        await ui.until(lambda: "needs 60x20," in " ".join(ui.screen_text().split()))
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused")


async def test_the_panels_fill_while_it_trains(open_app: OpenApp):
    async with open_app(size=(120, 40)) as ui:
        await ui.until(lambda: "train" in ui.text("#loss") and len(ui.run.train_loss) > 5)
        await ui.until(lambda: any("⠁" <= character <= "⣿" for character in ui.text("#loss")))
        await ui.until(lambda: ui.text("#gradient-norms").count("Linear(") == 3)
        await ui.until(lambda: ui.text("#weights").count("Linear(") == 3)
        await ui.until(lambda: "read as" in ui.text("#prediction"))
        before = ui.text("#prediction")
        await ui.until(lambda: ui.text("#prediction") != before, "bars that move by themselves")
        await ui.until(lambda: "mnist-5k" in ui.text("#status"))


async def test_a_data_set_that_cannot_be_read_ends_it_with_status_2(open_app: OpenApp, tmp_path: Path):
    async with open_app(wait=False, dataset=f"idx:{tmp_path}/nowhere") as ui:
        await ui.until(lambda: ui.app.return_code is not None)
    assert ui.app.return_code == 2
    assert "nowhere" in ui.run.failure.message


async def test_a_loss_that_is_not_finite_is_explained_and_can_be_mended(open_app: OpenApp):
    async with open_app(wait=False, model="Flatten, Linear(16), Linear(10)", optimizer="sgd", lr=1000.0) as ui:
        await ui.until(lambda: ui.run.phase == "paused" and "not finite" in ui.text("#status"))
        assert "learning rate" in ui.text("#status")
        step = ui.run.step
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused" and ui.run.trouble, "the same trouble again")
        assert ui.run.step == step
        await ui.press("enter", *"0.05", "enter")
        await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value == 0.05)
        await ui.press("r")
        await ui.until(lambda: ui.run.phase == "running" and (ui.run.validation_accuracy.mean[-1:] > 0.8).any())
        assert "not finite" not in ui.text("#status")


async def test_a_run_that_breaks_down_stays_on_the_screen(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    async with open_app() as ui:

        def break_down(*_: Any) -> None:
            raise RuntimeError("out of order")

        monkeypatch.setattr("engine.training.learner.Learner.train_steps", break_down)
        await ui.until(lambda: ui.run.phase == "failed" and "out of order" in ui.text("#status"))
        await ui.press("down", "l", "v", "question_mark", "escape", "q")
        await ui.until(lambda: ui.app.return_code is not None)


async def test_leaving_saves_what_was_learned(open_app: OpenApp):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.step > 300)
        await ui.press("q")
        await ui.until(lambda: ui.app.return_code is not None)
    assert ui.app.return_code == 0
    saved = load_checkpoint(ui.app.session.checkpoint)
    assert saved.training is not None
    assert saved.training.position.step == ui.run.summary["steps"] == ui.run.step


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("ctrl+c", 130)])
async def test_one_may_leave_before_it_has_begun(open_app: OpenApp, key: str, status: int):
    async with open_app(wait=False) as ui:
        await ui.press(key)
        await ui.until(lambda: ui.app.return_code is not None)
    assert ui.app.return_code == status


async def test_who_asks_twice_leaves_at_once(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    async with open_app() as ui:
        monkeypatch.setattr(ui.app.session, "send", lambda command: None)  # an engine that does not answer
        await ui.press("q")
        assert ui.app.return_code is None
        await ui.press("q")
        await ui.until(lambda: ui.app.return_code == 0)
        monkeypatch.undo()


async def test_a_value_that_cannot_be_is_explained_and_the_line_stays(open_app: OpenApp):
    async with open_app() as ui:
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, ValueScreen))
        await ui.until(lambda: "now 0.001" in ui.screen_text())
        for text in ("abc", "-1", "nan"):
            ui.app.screen.query_one(Input).value = ""
            await ui.press(*text, "enter")
            await ui.until(lambda text=text: f"'{text}'" in ui.screen_text() and "1e-08 to 1000" in ui.screen_text())
            assert isinstance(ui.app.screen, ValueScreen)
            assert ui.app.screen.query_one(Input).value == text
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        assert ui.run.hyperparameters["learning_rate"].value == 0.001
        assert ui.run.change_steps == []


@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_who_types_nothing_changes_nothing(open_app: OpenApp, key: str):
    async with open_app() as ui:
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, ValueScreen))
        await ui.press(key)
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        await ui.press("c")
        await ui.until(lambda: "saved" in ui.run.message)
        assert ui.run.change_steps == []


async def test_what_the_trainer_refuses_is_said_and_the_run_goes_on(open_app: OpenApp):
    async with open_app() as ui:
        names = list(ui.run.hyperparameters)
        await ui.press(*["down"] * names.index("batch_size"))
        await ui.press("enter", *"5000", "enter")
        await ui.until(lambda: "3600" in ui.text("#status") and "5000" in ui.text("#status"))
        assert "32" in ui.text("#hyperparameters")
        step = ui.run.step
        await ui.until(lambda: ui.run.step > step)


async def test_keys_typed_into_a_line_are_no_actions(open_app: OpenApp):
    async with open_app() as ui:
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, ValueScreen))
        await ui.press("r", "s", "x", "q", "space")
        assert ui.app.screen.query_one(Input).value == "rsxq "
        step = ui.run.step
        await ui.until(lambda: ui.run.step > step)
        assert (ui.run.phase, ui.app.return_code) == ("running", None)


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=str)
async def test_help_is_a_page_that_can_be_read_to_its_end_and_left(open_app: OpenApp, size: tuple[int, int]):
    async with open_app(size=size) as ui:
        await ui.press("question_mark")
        await ui.until(lambda: "Pause, or go on" in ui.screen_text())
        await ui.press("end")
        await ui.until(lambda: "a wrong answer (in ASCII" in " ".join(ui.screen_text().replace("│", " ").split()))
        await ui.press("q")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        assert ui.app.return_code is None
        await shows(ui, *size)


@pytest.mark.parametrize(("key", "group"), [("i", "layers"), ("E", "errors"), ("D", "draw"), ("I", "inside")])
async def test_help_begins_with_the_keys_of_the_screen_that_it_is_asked_for_on(open_app: OpenApp, key: str, group: str):
    async with open_app(size=(80, 24)) as ui:
        for asked, first in (((key, "question_mark"), group), (("escape", "escape", "question_mark"), "training")):
            await ui.press(*asked)
            await ui.until(lambda first=first: ui.screen_text().splitlines()[1].split()[1:2] == [first], first)


async def test_a_frame_that_comes_when_the_screens_have_gone_is_none(open_app: OpenApp):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.started is not None)
        app = ui.app
    assert app.screen_stack == []
    app._leave_what_is_empty()


async def test_behind_the_help_nothing_is_drawn_and_afterwards_all_is_up_to_date(open_app: OpenApp):
    async with open_app() as ui:
        before = ui.run.step
        await ui.press("question_mark")
        await ui.until(lambda: "escape closes" in ui.screen_text())
        drawn = ui.text("#status")
        await ui.until(lambda: ui.run.step > before + 10_000)
        assert ui.text("#status") == drawn
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard and ui.text("#status") != drawn)


async def test_a_picture_that_cannot_be_written_is_told(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any, **__: Any) -> str:
        raise OSError(28, "No space left on device")

    async with open_app() as ui:
        monkeypatch.setattr(ui.app, "save_screenshot", full)
        await ui.press("ctrl+s")
        await ui.until(lambda: "cannot be written" in ui.screen_text())
        assert ui.app.return_code is None


async def test_the_other_page_of_a_paused_run_is_not_empty(open_app: OpenApp):
    async with open_app(size=(80, 24)) as ui:
        await ui.until(lambda: ui.run.step > 0)
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused")
        assert ui.run.prediction is None
        await ui.press("v")
        await ui.until(lambda: ui.run.prediction and ui.run.histograms)
        await ui.until(lambda: "read as" in ui.screen_text() and "mean" in ui.screen_text())


async def test_quick_presses_are_as_many_digits(open_app: OpenApp):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.prediction)
        for _ in range(7):
            await ui.press("n")
        await ui.until(lambda: ui.run.prediction.index == 7)


async def test_two_quick_presses_close_one_page(open_app: OpenApp):
    async with open_app() as ui:
        await ui.press("enter")
        await ui.until(lambda: len(ui.app.screen_stack) == 3)
        for _ in range(2):
            ui.app.screen.dismiss()  # as two presses do that come before either is obeyed
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused")


async def test_what_is_typed_as_a_value_is_no_markup(open_app: OpenApp):
    async with open_app() as ui:
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, ValueScreen))
        await ui.press("[", "/", "]", "enter")
        await ui.until(lambda: "'[/]'" in ui.screen_text())


async def test_under_a_page_no_key_acts_on_the_run(open_app: OpenApp):
    async with open_app() as ui:
        await ui.press("question_mark")
        await ui.until(lambda: isinstance(ui.app.screen, HelpScreen))
        started = ui.run.started
        await ui.press("r", "x", "c", "L", "question_mark")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        step = ui.run.step
        await ui.until(lambda: ui.run.step > step)
        assert ui.run.started is started
        assert ui.run.message == ""


def grounds(ui: Any) -> set[object]:
    """The colours of all that stands behind text."""
    strips = ui.app.screen._compositor.render_strips()
    return {segment.style.bgcolor for strip in strips for segment in strip if segment.style and segment.text.strip()}


async def pause(ui: Any) -> None:
    await ui.until(lambda: ui.run.step > 3)
    await ui.press("space")
    await ui.until(lambda: ui.run.phase == "paused")
    await ui.settle()


async def test_another_theme_recolours_all_and_draws_nothing_anew(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLORTERM", "truecolor")
    async with open_app(likes=Settings(theme="high-contrast")) as ui:
        await pause(ui)
        # The trainer may still have news, for which panels would be drawn anew: with the next frame, or as an answer.
        monkeypatch.setattr(ui.app, "_link_is_free", lambda: False)
        ui.app.session.call_on_answer(lambda: None)
        await ui.settle()
        before, rows = grounds(ui), {panel.id: panel._rows for panel in ui.seen() if panel.id not in AROUND}
        await ui.press("T")
        await ui.until(lambda: "theme: light" in ui.screen_text())
        assert grounds(ui).isdisjoint(before)
        assert all(panel._rows is rows[panel.id] for panel in ui.seen() if panel.id not in AROUND)
        await ui.press("G")
        await ui.until(lambda: "glyphs: " in ui.screen_text())
        assert all(panel._rows is not rows[panel.id] for panel in ui.seen() if panel.id not in AROUND)


async def test_other_glyphs_are_drawn_where_somebody_sees_them(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    drawn: list[Panel] = []
    draw = Panel._draw
    monkeypatch.setattr(Panel, "_draw", lambda panel, *about: drawn.append(panel) or draw(panel, *about))
    async with open_app(likes=Settings(glyphs="braille")) as ui:
        await ui.press("E")
        await ui.until(lambda: "─ Confusion" in ui.screen_text())
        await ui.press("E")
        await pause(ui)
        drawn.clear()
        await ui.press("G")
        await ui.until(lambda: "glyphs: block" in ui.screen_text())
        assert drawn
        assert {panel.screen for panel in drawn} == {ui.app.dashboard}
        await ui.press("E")
        await ui.until(lambda: "─ Confusion" in ui.screen_text())
        assert "┌" in ui.screen_text()
        assert "╭" not in ui.screen_text()


async def test_a_slow_disk_holds_nobody_and_what_was_chosen_is_kept(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    written: list[tuple[str, str]] = []
    free = Event()

    def save(name: str, value: str) -> None:
        assert free.wait(60)
        written.append((name, value))

    monkeypatch.setattr("tui_nn.app.save_setting", save)
    async with open_app(likes=Settings(glyphs="braille")) as ui:
        for key, text in (("T", "theme: colour-blind"), ("G", "glyphs: block"), ("T", "theme: high-contrast")):
            await ui.press(key)
            await ui.until(lambda text=text: text in ui.screen_text())
        assert not written
    free.set()
    ui.app._writer.shutdown()
    assert written == [("theme", "colour-blind"), ("glyphs", "block"), ("theme", "high-contrast")]
