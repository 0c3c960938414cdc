import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from textual.command import CommandPalette

from engine.health.verdict import Verdict
from engine.training import commands as c
from engine.training import events as e
from tui_nn.actions import Action, actions
from tui_nn.actions.action import GROUPS, action
from tui_nn.glyphs import choose_glyphs
from tui_nn.keymap import written
from tui_nn.palette import ActionProvider
from tui_nn.panels.panel import Panel
from tui_nn.screens.help import HelpScreen
from tui_nn.screens.label import LabelScreen
from tui_nn.screens.layouts import PLOTS
from tui_nn.screens.log import LogScreen
from tui_nn.screens.pictures import PicturesScreen
from tui_nn.screens.preflight import PreflightScreen
from tui_nn.screens.set_up import SetUpScreen
from tui_nn.screens.value import ValueScreen
from tui_nn.settings import load_settings
from tui_nn.themes import theme_names

OpenApp = Callable[..., Any]
Check = Callable[[Any, str], Awaitable[None]]

CHECKS: dict[str, Check] = {}
"""By action, what one of its keys does: check(ui, key)."""


def does(id: str) -> Callable[[Check], Check]:
    def add(check: Check) -> Check:
        CHECKS[id] = check
        return check

    return add


def shown(item: Action) -> str:
    """Its first key, as hints have it."""
    return written(item.keys[0], "braille")


def test_every_action_can_be_found_and_understood():
    table = actions()
    assert list(table) == [item.id for item in table.values()]
    keys = Counter((place, key) for item in table.values() for place in item.places for key in item.keys)
    assert max(keys.values()) == 1
    for item in table.values():
        assert re.fullmatch(r"[a-z]+\.[a-z]+", item.id)
        assert item.group in GROUPS
        assert len(item.help) > 10
        assert item.help[0].isupper()
        assert item.label
        assert item.keys
    places = [GROUPS.index(item.group) for item in table.values()]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("id", "key", "screen"),
    [
        ("training.pause", "f12", ""),
        ("test.new", "space", ""),
        ("test.new", "f12,q", ""),
        ("test.new", "n", "dashboard"),
        ("training.pause", "f12", "boundary"),
    ],
)
def test_an_id_or_a_key_of_the_same_screen_that_is_taken_is_refused(id: str, key: str, screen: str):
    actions()
    with pytest.raises(ValueError, match="taken"):
        action(id, key, "New", "A new thing to do", screen=screen)(lambda app: None)


async def test_a_key_means_what_it_means_on_its_screen(open_app: OpenApp):
    async with open_app() as ui:
        await on_the_canvas(ui)
        await ui.press("space")
        assert ui.app.drawing.canvas.drawing.down
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        assert ui.run.phase == "running"
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused")


def test_every_action_has_a_test():
    assert set(CHECKS) == set(actions())


@pytest.mark.parametrize("item", actions().values(), ids=lambda item: item.id)
async def test_every_key_does_what_its_help_says_at_full_speed(item: Action, open_app: OpenApp):
    for key in item.key.split(","):
        async with open_app(**(PLANE if item.group == "boundary" else {})) as ui:
            await CHECKS[item.id](ui, key)


async def test_the_palette_finds_every_action_and_performs_it(open_app: OpenApp):
    async with open_app() as ui:
        await ui.press("ctrl+p")
        await ui.until(lambda: isinstance(ui.app.screen, CommandPalette))
        await ui.until(lambda: "Take one step, then pause  (s)" in ui.screen_text())
        provider = ActionProvider(ui.app.screen)
        possible = [item for item in actions().values() if item.on("dashboard")]
        assert [hit.help async for hit in provider.discover()] == [item.label for item in possible]
        for item in possible:
            hits = [hit async for hit in provider.search(item.help)]
            assert max(hits, key=lambda hit: hit.score).help == item.label
        await ui.press(*"pause, or")
        await ui.until(lambda: "Pause, or go on" in ui.screen_text() and "Take one step" not in ui.screen_text())
        assert "Pause, or go on  (space)" in ui.screen_text()
        await ui.press("enter")
        await ui.until(lambda: ui.run.phase == "paused" and ui.app.screen is ui.app.dashboard)


async def test_help_lists_every_key_with_its_help(open_app: OpenApp):
    async with open_app(size=(120, 140)) as ui:
        await ui.press("f1")
        await ui.until(lambda: "escape closes" in ui.screen_text())
        words = " ".join(ui.screen_text().replace("│", " ").split())
        for item in actions().values():
            keys = " ".join(written(key, "braille") for key in item.keys)
            assert f"{keys} {item.help}" in words


async def test_the_footer_shows_what_it_should(open_app: OpenApp):
    async with open_app(size=(200, 60)) as ui:
        await ui.until(lambda: "Draw" in ui.screen_text().splitlines()[-1], "the footer")
        footer = ui.screen_text().splitlines()[-1]
        # There is no plane, and no other page.
        missing = ("boundary.open", "view.page")
        offered = {
            f"{shown(item)} {item.label}"
            for item in actions().values()
            if item.footer and item.on("dashboard") and item.id not in missing
        }
        for item in actions().values():
            text = f"{shown(item)} {item.label}"
            assert (text in footer) == (text in offered)


@pytest.mark.parametrize("width", [60, 66, 80, 93, 120])
async def test_the_last_line_never_cuts_a_key_and_always_has_help(width: int, open_app: OpenApp):
    async with open_app(size=(width, 24)) as ui:
        await ui.until(lambda: "Help" in ui.screen_text().splitlines()[-1], "the footer")
        footer = ui.screen_text().splitlines()[-1]
        rest = footer
        for item in actions().values():
            if item.footer and item.id != "view.page" and item.on("dashboard"):
                rest = rest.replace(f"{shown(item)} {item.label}", "", 1)
        assert re.fullmatch(r" *v Page 1/\d+ *", re.sub(" +", " ", rest)), footer
        assert {"? Help", "q Quit", "space Pause", "z Zoom"} <= set(re.findall(r"\S+ [A-Z]\w+", footer))


async def test_a_click_on_a_key_of_the_last_line_is_that_key(open_app: OpenApp):
    async with open_app(size=(80, 24)) as ui:
        await ui.until(lambda: "Page 1/2" in ui.screen_text().splitlines()[-1])
        column = ui.screen_text().splitlines()[-1].index("Page")
        await ui.pilot.click("#keys", offset=(column, 0))
        await ui.until(lambda: "Page 2/2" in ui.screen_text().splitlines()[-1] and "prediction" in seen(ui))


@does("training.pause")
async def pause(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.run.phase == "paused" and "paused" in ui.text("#status"))
    step = ui.run.step
    await answered(ui)
    assert ui.run.step == step
    await ui.press(key)
    await ui.until(lambda: ui.run.phase == "running" and ui.run.step > step)


@does("training.step")
async def step(ui: Any, key: str) -> None:
    await paused(ui)
    for before in range(ui.run.step, ui.run.step + 3):
        await ui.press(key)
        await ui.until(lambda before=before: ui.run.step == before + 1 and ui.run.phase == "paused")
        await ui.until(lambda before=before: f"step {before + 1:,} " in ui.text("#status") + " ")


@does("training.epoch")
async def epoch(ui: Any, key: str) -> None:
    await paused(ui)
    ended = len(ui.run.epoch_steps)
    await ui.press(key)
    await ui.until(lambda: len(ui.run.epoch_steps) == ended + 1 and ui.run.phase == "paused")
    assert ui.run.step == ui.run.epoch_steps[-1]


@does("training.speed")
async def speed(ui: Any, key: str) -> None:
    assert ui.run.pace == 0
    await ui.press(key)
    await ui.until(lambda: ui.run.pace > 0 and "slow" in ui.text("#status"))
    # 3,600 samples in two seconds are 1,800 a second.
    await ui.until(lambda: 0 < ui.run.samples_per_second < 10_000)
    await ui.press(key)
    await ui.until(lambda: ui.run.pace == 0 and ui.run.samples_per_second > 10_000)


@does("training.restart")
async def restart(ui: Any, key: str) -> None:
    await ui.press("right")
    await ui.until(lambda: ui.run.change_steps)
    await ui.until(lambda: ui.run.step > 200)
    value = ui.run.hyperparameters["learning_rate"].value
    before = ui.run.started
    await ui.press(key)
    await ui.until(lambda: ui.run.started is not before)
    assert ui.run.started.step == 0
    assert ui.run.change_steps == []
    assert ui.run.hyperparameters["learning_rate"].value == value
    await ui.until(lambda: ui.run.step > 0)


@does("training.undo")
async def undo(ui: Any, key: str) -> None:
    await paused(ui)
    step = ui.run.step
    await ui.press("right", "space")
    await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value == 0.002 and ui.run.step > step + 100)
    await ui.press(key)
    await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value == 0.001)
    await ui.until(lambda: "undone: back from step" in ui.text("#status"))
    assert ui.run.before.train_loss.step[-1] > step + 100
    assert ui.run.change_steps == [step]
    told = [text.partition(":")[2] for text in ui.run.story]
    assert [text[:7] for text in told if text.startswith((" learning rate", " undone"))] == [" learni", " undone"]
    assert ui.run.phase == "running"
    await ui.press(key)
    await ui.until(lambda: "there is no change to undo" in ui.text("#status"))


@does("training.rewind")
async def rewind(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: "no cursor to go back to: [ or a click" in ui.text("#status"))
    await ui.until(lambda: ui.run.step > 300)
    await paused(ui)
    newest = ui.run.step
    await ui.press("left_square_bracket")
    ui.app.dashboard.curves.cursor = 170.0
    await ui.press(key)
    await ui.until(lambda: ui.run.step == 150 and ui.run.phase == "paused")
    await ui.until(lambda: f"rewound: back from step {newest:,} to 150" in ui.text("#status"))
    assert ui.app.dashboard.curves.cursor is None
    # What was left behind is in view, and goes on being so.
    assert ui.widget("#loss").area.x[1] >= newest
    assert "before" in ui.text("#loss")


@does("training.new")
async def new_run(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: isinstance(ui.app.screen, SetUpScreen) and "enter begins" in ui.screen_text())
    before = ui.run.started
    await ui.press("tab", "tab", "home", "ctrl+u", *"Flatten", "comma", "space", *"Linear(outputs)", "enter")
    await ui.until(lambda: ui.app.screen is ui.app.dashboard and ui.run.started is not before)
    assert ui.run.started.config.model == "Flatten, Linear(10)"
    assert ui.run.before is not None
    await ui.until(lambda: ui.run.step > 0)


@does("training.preflight")
async def preflight(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: isinstance(ui.app.screen, PreflightScreen) and "6 of 6 checks" in ui.screen_text())
    step = ui.run.step
    await ui.until(lambda: ui.run.step > step, "the run goes on behind it")
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.dashboard)


@does("training.stop")
async def stop(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.run.phase == "ended" and "test accuracy" in ui.text("#status"))
    assert Path(ui.run.summary["checkpoint"]).exists()
    assert ui.run.summary["steps"] == ui.run.step


@does("training.save")
async def save(ui: Any, key: str) -> None:
    await ui.press(key)
    folder = ui.app.session.checkpoint.parent
    await ui.until(lambda: list(folder.glob("*-step*.safetensors")))
    await ui.until(lambda: "saved" in ui.text("#status"))
    assert ui.run.phase == "running"


@does("hyperparameter.next")
async def following(ui: Any, key: str) -> None:
    names = list(ui.run.hyperparameters)
    for name in [*names[1:], names[0]]:
        await ui.press(key)
        await points_at(ui, name)


@does("hyperparameter.previous")
async def previous(ui: Any, key: str) -> None:
    names = list(ui.run.hyperparameters)
    for name in reversed(names):
        await ui.press(key)
        await points_at(ui, name)


@does("hyperparameter.raise")
async def increase(ui: Any, key: str) -> None:
    assert ui.run.hyperparameters["learning_rate"].value == 0.001
    await ui.press(key)
    await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value == 0.002)
    await ui.until(lambda: "0.002" in ui.text("#hyperparameters") and ui.run.learning_rate == 0.002)


@does("hyperparameter.lower")
async def decrease(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value == 0.0005)
    await ui.until(lambda: "0.0005" in ui.text("#hyperparameters") and ui.run.learning_rate == 0.0005)


@does("hyperparameter.type")
async def type_value(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: isinstance(ui.app.screen, ValueScreen))
    step = ui.run.step
    await ui.press(*"0.003", "enter")
    await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value == 0.003)
    await ui.until(lambda: ui.app.screen is ui.app.dashboard and "0.003" in ui.text("#hyperparameters"))
    await ui.until(lambda: ui.run.step > step)


@does("health.remedy")
async def remedy(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: "no verdict to be remedied" in ui.screen_text())
    ui.app.send(c.SetHyperparameter("learning_rate", 100.0))
    await ui.until(lambda: ui.run.verdicts and ui.app.run_screen.verdict.cure, "a verdict")
    ui.app.send(c.Pause())
    await ui.until(lambda: ui.run.phase == "paused")
    verdict = ui.app.run_screen.verdict
    rate = next(part for part in verdict.cure if getattr(part, "name", "") == "learning_rate")
    assert f"a: learning rate {rate.value:g}" in ui.screen_text()
    await ui.press(key)
    await ui.until(lambda: ui.run.message == f"done: {verdict.remedy}")
    assert ui.run.hyperparameters["learning_rate"].value == rate.value


@does("health.next")
async def next_verdict(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: "no verdict to choose" in ui.screen_text())
    first = Verdict("vanishing", "red", "1 Linear(16)", 20, 1e-9, 1e-7, "this one", (c.Reinitialize(),))
    second = Verdict("saturation", "amber", "3 Linear(12)", 20, 0.4, 0.25, "that one", (c.Reinitialize("3"),))
    for verdict in (second, first):
        ui.app.session._buffer.put(e.VerdictRaised(30, verdict))
    await ui.until(lambda: "a: this one" in ui.screen_text())
    await ui.press(key)
    await ui.until(lambda: "a: that one" in ui.screen_text() and ui.app.run_screen.verdict == second)
    await ui.press(key)
    await ui.until(lambda: "a: this one" in ui.screen_text() and ui.app.run_screen.verdict == first)


@does("digit.next")
async def next_digit(ui: Any, key: str) -> None:
    await ui.until(lambda: ui.run.prediction)
    for place in (2, 3):
        await ui.press(key)
        await shows_digit(ui, place)


@does("digit.previous")
async def digit_before(ui: Any, key: str) -> None:
    await ui.until(lambda: ui.run.prediction)
    for place in (1000, 999):
        await ui.press(key)
        await shows_digit(ui, place)


@does("digit.random")
async def random_digit(ui: Any, key: str) -> None:
    await ui.until(lambda: ui.run.prediction)
    random.seed(0)  # no digit comes twice in a row
    for _ in range(3):
        before = ui.run.prediction.index
        await ui.press(key)
        await ui.until(lambda before=before: ui.run.prediction.index != before)
        await shows_digit(ui, ui.run.prediction.index + 1)


@does("digit.mistake")
async def mistake(ui: Any, key: str) -> None:
    await ui.until(lambda: ui.run.prediction)
    await paused(ui)
    places = []
    for _ in range(2):
        before = ui.run.prediction.index
        await ui.press(key)
        await ui.until(lambda before=before: ui.run.prediction.index != before)
        digit = ui.run.prediction
        await shows_digit(ui, digit.index + 1)
        assert digit.answer != digit.label
        places.append(digit.index)
    assert 0 < places[0] < places[1]


PLANE = {"dataset": "spiral(samples=300)", "model": "Linear(40), Tanh, Linear(3)", "lr": 0.01}
"""A run with a plane to show."""


@does("boundary.open")
async def boundary(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.boundary and ui.run.boundary)
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.dashboard)


@does("boundary.points")
async def points(ui: Any, key: str) -> None:
    await on_the_plane(ui)
    await ui.press(key)
    await ui.until(lambda: ui.run.boundary.split == "validation" and "validation:" in ui.screen_text())


@does("boundary.units")
async def units(ui: Any, key: str) -> None:
    await on_the_plane(ui)
    page = len(ui.run.units.bounds)
    await ui.press(key)
    await ui.until(lambda: ui.run.units.first == page and f" {page + 1} to" in ui.screen_text())


@does("boundary.back")
async def units_before(ui: Any, key: str) -> None:
    await on_the_plane(ui)
    last = 39 // len(ui.run.units.bounds) * len(ui.run.units.bounds)
    await ui.press(key)
    await ui.until(lambda: ui.run.units.first == last and f" {last + 1} to 40 of 40 units" in ui.screen_text())


async def on_the_plane(ui: Any) -> None:
    """The boundary screen, with the first page of 40 units."""
    await ui.press("b")
    await ui.until(lambda: ui.run.units and 1 < len(ui.run.units.bounds) < 40 and " units, .: next" in ui.screen_text())


async def on_the_errors(ui: Any) -> Any:
    """The screen of errors, with something measured; gives its matrix."""
    await ui.press("E")
    await ui.until(lambda: ui.app.screen is ui.app.errors and "─ Confusion in test, step" in ui.screen_text())
    return ui.app.errors.query_one("#confusion")


@does("errors.open")
async def errors(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.errors and "Worst mistakes: " in ui.screen_text())
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.dashboard)


@does("errors.left")
async def errors_left(ui: Any, key: str) -> None:
    await moves_cell(ui, key, 0, -1)


@does("errors.down")
async def errors_down(ui: Any, key: str) -> None:
    await moves_cell(ui, key, +1, 0)


@does("errors.up")
async def errors_up(ui: Any, key: str) -> None:
    await moves_cell(ui, key, -1, 0)


@does("errors.right")
async def errors_right(ui: Any, key: str) -> None:
    await moves_cell(ui, key, 0, +1)


async def moves_cell(ui: Any, key: str, down: int, across: int) -> None:
    """The first press comes to an error, the next ones to the cells beside it, around the ends."""
    matrix = await on_the_errors(ui)
    await ui.press(key)
    await ui.until(lambda: matrix.cursor)
    row, column = matrix.cursor
    assert row != column
    for n in range(1, 11):
        await ui.press(key)
        label, answer = matrix.cursor
        assert matrix.cursor == ((row + n * down) % 10, (column + n * across) % 10)
        await ui.until(lambda label=label, answer=answer: f"─ {label} read as {answer}: " in ui.screen_text())
    await ui.until(lambda: (ui.run.picked["cell"].label, ui.run.picked["cell"].answer) == (row, column))


@does("errors.split")
async def errors_split(ui: Any, key: str) -> None:
    await on_the_errors(ui)
    for split in ("validation", "train", "test"):
        await ui.press(key)
        await ui.until(lambda split=split: ui.run.errors.split == split and f"in {split}, step" in ui.screen_text())


@does("errors.inside")
async def errors_inside(ui: Any, key: str) -> None:
    await on_the_errors(ui)
    await ui.until(lambda: "mistakes" in ui.run.picked)
    await paused(ui)
    await ui.until(lambda: ui.run.picked["mistakes"].step == ui.run.errors.step == ui.run.step)
    worst = ui.run.picked["mistakes"].samples[0].index
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.inside and f"Test digit {worst + 1} of" in ui.screen_text())


async def on_the_sliders(ui: Any) -> Any:
    """The screen that looks inside a digit; gives its sliders."""
    await ui.press("I")
    await ui.until(lambda: ui.app.screen is ui.app.inside and "shift right" in ui.screen_text())
    return ui.app.inside.query_one("#sliders")


@does("inside.open")
async def inside(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.inside and "What speaks for" in ui.screen_text())
    await ui.until(lambda: ui.run.explanation and "gradient: " in ui.screen_text())
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.dashboard)


@does("inside.next")
async def slider_below(ui: Any, key: str) -> None:
    await on_the_sliders(ui)
    for name in ("shift down", "turn", "noise", "shift right"):
        await ui.press(key)
        await ui.until(lambda name=name: f"▸ {name}" in ui.screen_text())


@does("inside.previous")
async def slider_above(ui: Any, key: str) -> None:
    await on_the_sliders(ui)
    for name in ("noise", "turn", "shift down", "shift right"):
        await ui.press(key)
        await ui.until(lambda name=name: f"▸ {name}" in ui.screen_text())


@does("inside.more")
async def slider_on(ui: Any, key: str) -> None:
    await on_the_sliders(ui)
    await ui.press(key, key)
    await ui.until(lambda: ui.run.varied.variation == c.Variation(right=2.0))
    await ui.press("down", "down", *[key] * 12)
    await ui.until(lambda: ui.run.varied.variation == c.Variation(right=2.0, rotation=80.0))
    await ui.until(lambda: "+80°" in ui.screen_text() and "end of the slider" in ui.screen_text())
    await ui.until(lambda: ui.run.explanation.variation == ui.run.varied.variation)


@does("inside.less")
async def slider_back(ui: Any, key: str) -> None:
    await on_the_sliders(ui)
    await ui.press(key)
    await ui.until(lambda: ui.run.varied.variation == c.Variation(right=-1.0) and "-1 " in ui.screen_text())


@does("inside.reset")
async def sliders_back(ui: Any, key: str) -> None:
    await on_the_sliders(ui)
    await ui.press("right", "down", "left")
    await ui.until(lambda: ui.run.varied.variation == c.Variation(1.0, -1.0) and ", changed" in ui.screen_text())
    await ui.press(key)
    await ui.until(lambda: ui.run.varied.variation == c.AS_IT_IS and ", changed" not in ui.screen_text())


async def on_the_canvas(ui: Any) -> Any:
    """The drawing screen; gives its canvas."""
    await ui.press("D")
    await ui.until(lambda: ui.app.screen is ui.app.drawing and ui.app.drawing.canvas.size)
    return ui.app.drawing.canvas


async def with_a_stroke(ui: Any) -> Any:
    """The same with an upright stroke, drawn by keys, that the network has read."""
    canvas = await on_the_canvas(ui)
    await ui.press(*["up"] * 8, "space", *["down"] * 16, "space")
    await ui.until(lambda: canvas.is_read(ui.run) and ui.run.drawing.digits)
    return canvas


def ink(canvas: Any) -> int:
    return int(canvas.drawing.ink(28, 28).sum())


@does("draw.open")
async def draw(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.drawing and "draw here with the mouse" in ui.screen_text())
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.dashboard)


@does("draw.pen")
async def pen(ui: Any, key: str) -> None:
    canvas = await on_the_canvas(ui)
    await ui.press(key)
    await ui.until(lambda: canvas.drawing.down and "pen down" in ui.screen_text())
    assert ink(canvas) > 0
    await ui.press(key)
    await ui.until(lambda: not canvas.drawing.down and "pen up" in ui.screen_text())


@does("draw.left")
async def left(ui: Any, key: str) -> None:
    await moves(ui, key, -1, 0)


@does("draw.right")
async def right(ui: Any, key: str) -> None:
    await moves(ui, key, +1, 0)


@does("draw.up")
async def up(ui: Any, key: str) -> None:
    await moves(ui, key, 0, -1)


@does("draw.down")
async def down(ui: Any, key: str) -> None:
    await moves(ui, key, 0, +1)


async def moves(ui: Any, key: str, across: int, along: int) -> None:
    """Three presses move the pen by three pixels of 28, drawing once it is down; none leads out of the canvas."""
    canvas = await on_the_canvas(ui)
    x, y = canvas.pen
    await ui.press(key, key, key)
    assert canvas.pen == pytest.approx((x + across * 3 / 28, y + along * 3 / 28))
    assert ink(canvas) == 0
    await ui.press("space")
    before = ink(canvas)
    await ui.press(*[key] * 30)
    assert ink(canvas) > 2 * before
    assert all(0 <= place <= 1 for place in canvas.pen)


@does("draw.erase")
async def erase(ui: Any, key: str) -> None:
    canvas = await with_a_stroke(ui)
    before = ink(canvas)
    await ui.press(key)
    await ui.until(lambda: "eraser up" in ui.screen_text())
    await ui.press("space", *["up"] * 16, "space")
    assert ink(canvas) == 0
    await ui.press(key, "space", *["down"] * 16)
    await ui.until(lambda: "pen down" in ui.screen_text())
    assert ink(canvas) == before


@does("draw.undo")
async def undo_stroke(ui: Any, key: str) -> None:
    canvas = await with_a_stroke(ui)
    before = ink(canvas)
    await ui.press("x", key)
    assert ink(canvas) == before
    await ui.press(key)
    assert ink(canvas) == 0
    await ui.until(lambda: ui.run.drawing.digits == ())
    await ui.press(key)
    await ui.until(lambda: "nothing to undo" in ui.screen_text())


@does("draw.clear")
async def clear(ui: Any, key: str) -> None:
    canvas = await with_a_stroke(ui)
    await ui.press(key)
    assert ink(canvas) == 0
    await ui.until(lambda: ui.run.drawing.digits == () and "nothing is drawn" in ui.screen_text())


@does("draw.wide")
async def wide(ui: Any, key: str) -> None:
    canvas = await with_a_stroke(ui)
    before, size = ink(canvas), canvas.size
    await ui.press(key)
    await ui.until(lambda: "Draw a number" in ui.screen_text() and canvas.size.width > 1.5 * size.width)
    await ui.until(lambda: canvas.is_read(ui.run))
    assert ink(canvas) == before
    await ui.press(key)
    await ui.until(lambda: canvas.size == size)


@does("draw.thicker")
async def thicker(ui: Any, key: str) -> None:
    canvas = await with_a_stroke(ui)
    before = ink(canvas)
    await ui.press("u", key, "space", *["up"] * 16)
    assert ink(canvas) > 1.2 * before
    await ui.until(lambda: "size 4/5" in ui.screen_text())
    await ui.press(key, key)
    await ui.until(lambda: "thickest" in ui.screen_text())


@does("draw.thinner")
async def thinner(ui: Any, key: str) -> None:
    canvas = await with_a_stroke(ui)
    before = ink(canvas)
    await ui.press("u", key, "space", *["up"] * 16)
    assert ink(canvas) < 0.8 * before
    await ui.until(lambda: "size 2/5" in ui.screen_text())
    await ui.press(key, key)
    await ui.until(lambda: "thinnest" in ui.screen_text())


@does("draw.label")
async def label(ui: Any, key: str) -> None:
    await with_a_stroke(ui)
    await ui.press(key)
    await ui.until(lambda: isinstance(ui.app.screen, LabelScreen))
    await ui.press("1", "enter")
    await ui.until(lambda: ui.run.train_count == ui.run.started.train_count + 1)
    await ui.until(lambda: "label 1: saved as 001-1.png and added" in ui.screen_text())
    assert "a sample of 1 added: from epoch" in ui.run.message


@does("draw.save")
async def save_drawn(ui: Any, key: str) -> None:
    await with_a_stroke(ui)
    await ui.press(key)
    folder = ui.app.session.checkpoint.parent / "drawings"
    await ui.until(lambda: len(list(folder.glob("*.png"))) == 2)
    assert ui.run.train_count == ui.run.started.train_count


@does("draw.load")
async def load(ui: Any, key: str) -> None:
    Image.fromarray(np.pad(np.zeros((40, 6), np.uint8), 20, constant_values=255)).save("one.png")
    canvas = await on_the_canvas(ui)
    await ui.press(key)
    await ui.until(lambda: isinstance(ui.app.screen, PicturesScreen) and "one.png" in ui.screen_text())
    await ui.press("enter")
    await ui.until(lambda: canvas.drawing.pictured and canvas.is_read(ui.run) and "one.png" in ui.screen_text())
    assert len(ui.run.drawing.digits) == 1


@does("layers.open")
async def layers(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.layers and ui.run.layer)
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.dashboard)


@does("layers.before")
async def layer_before(ui: Any, key: str) -> None:
    await ui.press("i")
    await ui.until(lambda: ui.app.screen is ui.app.layers and ui.run.layer)
    for place in (2, 1, 0):
        await ui.press(key)
        await ui.until(lambda place=place: ui.run.layer.layer == place)


@does("view.next")
async def next_panel(ui: Any, key: str) -> None:
    for name in (*LARGE, LARGE[0]):
        await ui.press(key)
        await is_chosen(ui, name)
    await ui.press("escape")
    await is_chosen(ui, "")


@does("view.previous")
async def panel_before(ui: Any, key: str) -> None:
    for name in (*reversed(LARGE), LARGE[-1]):
        await ui.press(key)
        await is_chosen(ui, name)


LARGE = ("loss", "accuracy", "prediction", "verdicts", "gradient-norms", "weights", "hyperparameters")
"""The panels at 120x40, in the order in which one reads."""


async def is_chosen(ui: Any, name: str) -> None:
    def marked() -> set[str | None]:
        panels = ui.app.dashboard.query(Panel)
        return {panel.id for panel in panels if panel._rows and panel._rows[0][0].text.startswith("╔")}

    await ui.until(
        lambda: ui.app.dashboard.arrangement.chosen == name and marked() == ({name} if name else set()), name
    )


@does("view.zoom")
async def zoom(ui: Any, key: str) -> None:
    before = seen(ui)
    await ui.press(key)
    await ui.until(lambda: seen(ui) == {"status", "loss", "keys"} and ui.widget("#loss").size == (120, 37))
    await ui.press(key)
    await ui.until(lambda: seen(ui) == before)
    await ui.press("tab", key)
    await ui.until(lambda: seen(ui) == {"status", "accuracy", "keys"})
    await ui.press("escape")
    await ui.until(lambda: seen(ui) == before)


@does("view.plot")
async def plot(ui: Any, key: str) -> None:
    for name in ("learning-rate", "gradient-norm", "update-ratio", "speed", "accuracy"):
        await ui.press(key)
        await ui.until(lambda name=name: seen(ui) & set(PLOTS) == {name}, name)
    await ui.pilot.resize_terminal(200, 60)
    await ui.until(lambda: seen(ui) >= set(PLOTS))
    await ui.press(key)
    await ui.until(lambda: "all plots are in view" in ui.screen_text())
    assert ui.app.dashboard.arrangement.second == "accuracy"


@does("plot.earlier")
async def earlier(ui: Any, key: str) -> None:
    await paused(ui)
    await ui.press(key)
    newest = ui.app.dashboard.curves.cursor
    assert newest == ui.run.step
    for _ in range(3):
        await ui.press(key)
    cursor = ui.app.dashboard.curves.cursor
    assert cursor < newest
    await ui.until(lambda: f"step {cursor:,.0f}" in ui.widget("#loss").subtitle)
    assert f"step {cursor:,.0f}" in ui.widget("#accuracy").subtitle


@does("plot.later")
async def later(ui: Any, key: str) -> None:
    await paused(ui)
    await ui.press(*["left_square_bracket"] * 4)
    before = ui.app.dashboard.curves.cursor
    await ui.press(key)
    cursor = ui.app.dashboard.curves.cursor
    assert before < cursor < ui.run.step
    await ui.until(lambda: f"step {cursor:,.0f}" in ui.widget("#loss").subtitle)


@does("plot.uncursor")
async def uncursor(ui: Any, key: str) -> None:
    await ui.press("left_square_bracket")
    await ui.until(lambda: "step" in ui.widget("#loss").subtitle)
    await ui.press(key)
    await ui.until(lambda: "scale" in ui.widget("#loss").subtitle)
    assert ui.app.dashboard.curves.cursor is None


@does("plot.closer")
async def closer(ui: Any, key: str) -> None:
    await ui.until(lambda: ui.run.step > 100)
    await paused(ui)
    whole = ui.app.dashboard.curves.limits((0.0, ui.run.step))
    await ui.press(key)
    low, high = ui.app.dashboard.curves.limits((0.0, ui.run.step))
    assert high - low == pytest.approx((whole[1] - whole[0]) / 2)
    assert high == ui.run.step
    await ui.until(lambda: "0: whole run" in ui.widget("#loss").subtitle)
    await ui.until(lambda: ui.widget("#loss").area.x == ui.widget("#accuracy").area.x == (low, high))


@does("plot.wider")
async def wider(ui: Any, key: str) -> None:
    await ui.until(lambda: ui.run.step > 100)
    await paused(ui)
    await ui.press("right_curly_bracket")
    await ui.until(lambda: "0: whole run" in ui.widget("#loss").subtitle)
    await ui.press(key)
    await ui.until(lambda: "0: whole run" not in ui.widget("#loss").subtitle)


@does("plot.whole")
async def whole(ui: Any, key: str) -> None:
    await ui.until(lambda: ui.run.step > 100)
    await paused(ui)
    await ui.press("right_curly_bracket", "right_curly_bracket")
    await ui.until(lambda: ui.widget("#loss").area.x[0] > 0)
    await ui.press(key)
    await ui.until(lambda: ui.widget("#loss").area.x[0] == 0)
    assert ui.app.dashboard.curves.window is None


@does("plot.smooth")
async def smooth(ui: Any, key: str) -> None:
    await paused(ui)
    for weight in ("0.6", "0.9", "0.97"):
        await ui.press(key)
        await ui.until(lambda weight=weight: ui.widget("#loss").subtitle.endswith(f"smoothed {weight}"))
        assert f"train ({weight})" in ui.text("#loss")
    await ui.press(key)
    await ui.until(lambda: "smoothed" not in ui.widget("#loss").subtitle)


@does("plot.before")
async def run_before(ui: Any, key: str) -> None:
    await ui.press(key)
    assert ui.app.dashboard.curves.before
    await ui.until(lambda: ui.run.step > 100)
    started = ui.run.started
    await ui.press("r")
    await ui.until(lambda: ui.run.started is not started and len(ui.run.train_loss) > 1)
    assert ui.run.before is not None
    await ui.until(lambda: "before" in ui.text("#loss") and "before" in ui.text("#accuracy"))
    await ui.press(key)
    await ui.until(lambda: "before" not in ui.text("#loss") and "before" not in ui.text("#accuracy"))
    await ui.press(key)
    await ui.until(lambda: "before" in ui.text("#loss"))


@does("view.page")
async def page(ui: Any, key: str) -> None:
    await ui.pilot.resize_terminal(80, 24)
    await ui.until(lambda: {"loss", "accuracy"} <= seen(ui) and not seen(ui) & {"prediction", "weights"})
    await ui.press(key)
    await ui.until(lambda: {"prediction", "weights"} <= seen(ui) and not seen(ui) & {"loss", "accuracy"})
    await ui.until(lambda: "read as" in ui.text("#prediction"))
    await ui.press(key)
    await ui.until(lambda: {"loss", "accuracy"} <= seen(ui))


@does("view.scale")
async def scale(ui: Any, key: str) -> None:
    await paused(ui)
    panel = ui.widget("#loss")
    await ui.until(lambda: "scale" in panel.subtitle)
    before, picture = panel.subtitle, ui.text("#loss")
    await ui.press(key)
    await ui.until(lambda: panel.subtitle != before and ui.text("#loss") != picture)
    assert {before, panel.subtitle} == {"log scale", "linear scale"}
    await ui.press(key)
    await ui.until(lambda: panel.subtitle == before)


@does("view.layer")
async def layer(ui: Any, key: str) -> None:
    # At that size not all of the three layers have room.
    await ui.pilot.resize_terminal(60, 20)
    await ui.press("v")
    for first in ("1 Linear(16)", "3 Linear(12)", "5 Linear(10)", "1 Linear(16)"):
        await ui.until(lambda first=first: ui.text("#weights").startswith(first), first)
        await ui.press(key)


@does("view.screenshot")
async def screenshot(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: list(Path.cwd().glob("*.svg")))
    (file,) = Path.cwd().glob("*.svg")
    assert "Hyperparameters" in file.read_text(encoding="utf-8")


@does("view.theme")
async def theme(ui: Any, key: str) -> None:
    for name in (*theme_names()[1:], theme_names()[0]):
        background = ui.app.screen.styles.background
        await ui.press(key)
        await ui.until(lambda name=name: ui.app.theme == f"tui-nn-{name}")
        await ui.until(lambda background=background: ui.app.screen.styles.background != background)
        await ui.until(lambda name=name: load_settings().theme == name)


@does("view.glyphs")
async def glyphs(ui: Any, key: str) -> None:
    for name, frame in (("block", "┌"), ("ascii", "+"), ("braille", "╭")):
        await ui.press(key)
        await ui.until(lambda frame=frame: ui.screen_text().splitlines()[2].startswith(frame))
        await ui.until(lambda name=name: ui.screen_text().isascii() == (name == "ascii"))
        # What the terminal would have anyway is not meant for every other one.
        kept = "auto" if name == choose_glyphs() else name
        await ui.until(lambda kept=kept: load_settings().glyphs == kept)


@does("view.help")
async def show_help(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: isinstance(ui.app.screen, HelpScreen) and "escape closes" in ui.screen_text())
    step = ui.run.step
    await ui.press("escape")
    await ui.until(lambda: ui.app.screen is ui.app.dashboard and ui.run.step > step)


@does("view.log")
async def show_log(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: isinstance(ui.app.screen, LogScreen) and "nothing has been printed" in ui.screen_text())
    assert "nothing has been changed" in ui.screen_text()
    await ui.press(key)
    await ui.until(lambda: ui.app.screen is ui.app.dashboard)


@does("app.suspend")
async def suspend(ui: Any, key: str) -> None:
    # Whether it comes back is tested on a real terminal, under a shell.
    await ui.press(key)
    await ui.until(lambda: "no shell to go back to" in ui.screen_text())
    step = ui.run.step
    await ui.until(lambda: ui.run.step > step)


@does("app.palette")
async def palette(ui: Any, key: str) -> None:
    await ui.press(key)
    await ui.until(lambda: isinstance(ui.app.screen, CommandPalette))
    await ui.press("escape")
    await ui.until(lambda: ui.app.screen is ui.app.dashboard)


@does("app.quit")
async def leave(ui: Any, key: str) -> None:
    await left_with(ui, key, 0)


@does("app.interrupt")
async def interrupt(ui: Any, key: str) -> None:
    await left_with(ui, key, 130)


async def paused(ui: Any) -> None:
    await ui.press("space")
    await ui.until(lambda: ui.run.phase == "paused")


async def answered(ui: Any) -> None:
    """Until the trainer has said something else: by then it would have done what it should not."""
    ui.run.message = ""
    await ui.press("c")
    await ui.until(lambda: ui.run.message)


async def shows_digit(ui: Any, place: int) -> None:
    await ui.until(
        lambda: ui.run.prediction.index == place - 1 and f"digit {place} of 1000" in ui.widget("#prediction").title,
        f"digit {place}",
    )
    await ui.until(lambda: "read as" in ui.text("#prediction"))


async def left_with(ui: Any, key: str, status: int) -> None:
    await ui.press(key)
    await ui.until(lambda: ui.app.return_code is not None)
    assert ui.app.return_code == status
    assert ui.run.phase == "ended"
    assert ui.app.session.checkpoint.exists()


async def points_at(ui: Any, name: str) -> None:
    await ui.until(lambda: f"▸ {name.replace('_', ' ')}" in ui.text("#hyperparameters"), name)
    assert ui.text("#hyperparameters").count("▸") == 1
    assert ui.app.dashboard.chosen.name == name


def seen(ui: Any) -> set[str | None]:
    return {panel.id for panel in ui.seen()}
