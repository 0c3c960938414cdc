"""The boundary screen on real runs."""

import random
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from textual.geometry import Region

from engine.training import commands as c
from tui_nn.screens.help import HelpScreen
from tui_nn.screens.value import ValueScreen
from tui_nn.session import Session

OpenApp = Callable[..., Any]

PLANE = {"dataset": "spiral(samples=300)", "model": "Linear(12), Tanh, Linear(20), ReLU, Linear(3)", "lr": 0.01}
SIZES = [(120, 40), (80, 24), (60, 20), (200, 60), (100, 36), (99, 36)]


@pytest.fixture(autouse=True)
def terminal_of_all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


async def opened(ui: Any) -> None:
    """On the boundary screen, with something to see."""
    await ui.press("b")
    await ui.until(lambda: ui.app.screen is ui.app.boundary and ui.run.boundary)
    await ui.until(lambda: "▀" in here(ui, "#boundary"), "a surface")


def here(ui: Any, selector: str) -> str:
    """What stands in a widget of the uppermost screen."""
    widget = ui.app.screen.query_one(selector)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


def seen(ui: Any) -> list[Any]:
    return [panel for panel in ui.app.boundary.query("Panel") if panel.is_on_screen and panel.size]


async def test_it_moves_while_the_network_learns(open_app: OpenApp):
    async with open_app(**PLANE) as ui:
        await opened(ui)
        for words in ("Decision boundary", "arm 1", "arm 3", "taken for another", "points wrong", "epoch"):
            assert words in ui.screen_text()
        assert all(word in here(ui, "#boundary") for word in ("at step", "loss", "accuracy", "%"))
        await ui.until(lambda: "Layer 1 of 3: Linear(12), Tanh" in ui.screen_text() and "▀" in here(ui, "#units"))
        steps = set()
        await ui.until(lambda: steps.add(ui.run.boundary.step) or len(steps) > 4, "one surface after the other")
        shown = ui.app.boundary.query_one("#boundary")._rows
        await ui.until(lambda: ui.app.boundary.query_one("#boundary")._rows[2:] != shown[2:], "another picture")
        await ui.until(lambda: ui.run.units and ui.run.units.step > min(steps))


@pytest.mark.parametrize("key", ["b", "escape"])
async def test_one_comes_back_to_the_dashboard(open_app: OpenApp, key: str):
    async with open_app(**PLANE) as ui:
        for _ in range(2):
            await opened(ui)
            await ui.press(key)
            await ui.until(lambda: ui.app.screen is ui.app.dashboard)
            step = ui.run.step
            await ui.until(lambda step=step: ui.run.step > step and "train" in ui.text("#loss"))


async def test_data_without_a_plane_are_told_in_a_line(open_app: OpenApp):
    async with open_app() as ui:
        await ui.press("b")
        await ui.until(lambda: "mnist-5k has no plane to show" in ui.screen_text())
        assert ui.app.screen is ui.app.dashboard
        assert "Boundary" not in ui.screen_text().splitlines()[-1]


async def test_the_footer_offers_it_where_there_is_a_plane(open_app: OpenApp):
    async with open_app(size=(200, 60), **PLANE) as ui:
        await ui.until(lambda: "b Boundary" in ui.screen_text().splitlines()[-1])
        assert "o Points" not in ui.screen_text().splitlines()[-1]
        await opened(ui)
        await ui.until(lambda: "o Points" in ui.screen_text().splitlines()[-1])


async def test_nothing_is_asked_for_while_nobody_sees_it(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    async with open_app(**PLANE) as ui:
        asked: list[c.AnyCommand] = []
        send = ui.app.session.send
        monkeypatch.setattr(ui.app.session, "send", lambda command: (asked.append(command), send(command)))

        def looks() -> int:
            return sum(isinstance(command, c.MapBoundary | c.MapUnits) for command in asked)

        async def some_reports() -> None:
            asked.clear()
            for _ in range(8):
                step = ui.run.step
                await ui.until(lambda step=step: ui.run.step > step, "two seconds of training")

        await some_reports()
        assert not looks()
        await opened(ui)
        await ui.until(lambda: looks() > 4, "maps asked for again and again")
        for key in ("question_mark", "enter"):
            await ui.press(key)
            await ui.until(lambda: isinstance(ui.app.screen, HelpScreen | ValueScreen))
            await some_reports()
            assert not looks(), key
            await ui.press("escape")
            await ui.until(lambda: ui.app.screen is ui.app.boundary)
        await ui.press("b")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        await some_reports()
        assert not looks()


async def test_only_what_the_page_shows_is_asked_for(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    async with open_app(size=(80, 24), **PLANE) as ui:
        await opened(ui)
        assert ui.run.units is None
        await ui.press("v")
        await ui.until(lambda: ui.run.units and "▀" in here(ui, "#units"))
        step = ui.run.boundary.step
        await ui.until(lambda: ui.run.units.step > step + 100)
        assert ui.run.boundary.step == step


async def test_keys_of_training_work_there(open_app: OpenApp):
    async with open_app(**PLANE) as ui:
        await opened(ui)
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused" and "paused" in here(ui, "#status"))
        await ui.until(lambda: ui.run.boundary.step == ui.run.step, "the surface of the step at which it rests")
        step = ui.run.step
        await ui.press("s")
        await ui.until(lambda: ui.run.step == step + 1 == ui.run.boundary.step)
        await ui.press("down")
        chosen = ui.app.boundary.chosen.name
        assert chosen != "learning_rate"
        await ui.press("up", "right")
        await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value == 0.02)
        await ui.until(lambda: "0.02" in here(ui, "#hyperparameters"))
        await ui.press("down", "b")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        assert ui.app.dashboard.chosen.name == chosen


async def test_it_stays_after_the_end_and_through_a_restart(open_app: OpenApp):
    async with open_app(**PLANE) as ui:
        await opened(ui)
        await ui.press("x")
        await ui.until(lambda: ui.run.phase == "ended" and ui.run.boundary.step == ui.run.step)
        first = ui.run.boundary
        await ui.press("o")
        await ui.until(lambda: ui.run.boundary.split == "validation" and "validation:" in ui.screen_text())
        assert ui.run.boundary.answers == first.answers
        await ui.press("r")
        await ui.until(lambda: ui.run.phase == "running" and ui.run.boundary and ui.run.boundary.step < first.step)
        await ui.until(lambda: "▀" in here(ui, "#boundary"))


async def test_the_points_of_each_split_and_none(open_app: OpenApp):
    async with open_app(**PLANE) as ui:
        await opened(ui)
        for split, count in (("validation", 60), ("test", 60), ("", 0), ("train", 180)):
            await ui.press("o")
            await ui.until(lambda split=split: ui.run.boundary.split == split)
            assert len(ui.run.boundary.points) == 8 * count
            words = f"of {count} points wrong" if split else "o: show points"
            await ui.until(lambda words=words: words in ui.screen_text(), words)


async def test_layers_and_pages_of_units(open_app: OpenApp):
    async with open_app(size=(80, 24), **{**PLANE, "model": "Linear(12), Tanh, Linear(40), ReLU, Linear(3)"}) as ui:
        await opened(ui)
        await ui.press("w")
        await ui.until(lambda: "the units are on another page" in ui.screen_text())
        await ui.press("v", "w")
        await ui.until(lambda: "Layer 2 of 3: Linear(40), ReLU" in ui.screen_text())
        await ui.until(lambda: " units, .: next" in ui.screen_text())
        await ui.until(lambda: ui.run.units.unit_count == 40 and len(ui.run.units.bounds) > 1)
        page = len(ui.run.units.bounds)
        assert page < 40
        await ui.press("full_stop")
        await ui.until(lambda: ui.run.units.first == page and f" {page + 1} to" in ui.screen_text())
        await ui.press("comma", "comma")
        await ui.until(lambda: ui.run.units.first == 40 - (40 % page or page))
        await ui.press("w", "w")
        await ui.until(lambda: "Layer 1 of 3" in ui.screen_text() and ui.run.units.first == 0)


async def test_without_shades_there_are_signs(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app(**PLANE) as ui:
        await ui.press("b")
        await ui.until(lambda: "1 1" in here(ui, "#boundary") or "2 2" in here(ui, "#boundary"))
        assert "▀" not in ui.screen_text()
        assert "•" in here(ui, "#boundary")


def complaints(ui: Any, width: int, height: int) -> list[str]:
    """What is wrong with the layout, the sizes of pictures, or the rows on the screen."""
    found = []
    panels = seen(ui)
    names = {panel.id for panel in panels}
    large, tiny = width >= 100 and height >= 36, width < 60 or height < 20
    page = {"units", "hyperparameters"} if ui.app.boundary.arrangement.page_shown else {"boundary"}
    wanted = set() if tiny else {"boundary", "units", "hyperparameters"} if large else page
    wanted |= {"status", "keys"} if wanted else set()
    if names != wanted:
        found.append(f"seen are {names}, not {wanted}")
    for panel in panels:
        if not Region(0, 0, width, height).contains_region(panel.region):
            found.append(f"{panel.id} is at {panel.region}")
        if panel.id == "boundary" and ui.run.boundary:
            wish = panel.wish()
            if (wish.columns, wish.rows) != (ui.run.boundary.columns, ui.run.boundary.rows):
                found.append("the surface has not the panel's size")
    for one, other in combinations(panels, 2):
        if one.region.overlaps(other.region):
            found.append(f"{one.id} lies over {other.id}")
    if [len(line) for line in ui.screen_text().splitlines()] != [width] * height:
        found.append("rows are not as wide as the screen")
    return found


async def test_the_terminal_may_have_any_size_at_any_moment(open_app: OpenApp):
    chance = random.Random(7)
    async with open_app(**PLANE) as ui:
        await opened(ui)
        sizes = SIZES + [(chance.randint(1, 220), chance.randint(1, 70)) for _ in range(6)]
        for place, (width, height) in enumerate(sizes):
            for _ in range(chance.randint(0, 2)):  # in the middle of a look at another size
                await ui.pilot.resize_terminal(chance.randint(1, 220), chance.randint(1, 70))
            await ui.pilot.resize_terminal(width, height)
            if place % 3 == 0:
                await ui.press("v")
            if place == len(SIZES):
                await ui.press("space")
            try:
                await ui.until(lambda width=width, height=height: not complaints(ui, width, height))
            except AssertionError:
                raise AssertionError(f"{width}x{height}: {complaints(ui, width, height)}") from None
        assert ui.run.phase == "paused"


async def test_the_palette_opens_it(open_app: OpenApp):
    async with open_app(**PLANE) as ui:
        await ui.press("ctrl+p")
        await ui.until(lambda: ui.app.screen is not ui.app.dashboard)
        await ui.press(*"network draws its")
        await ui.until(lambda: "two features" in ui.screen_text() and "Take one step" not in ui.screen_text())
        await ui.press("enter")
        await ui.until(lambda: ui.app.screen is ui.app.boundary)


async def test_what_is_shown_is_what_the_engine_said(open_app: OpenApp):
    """The wrong points in the subtitle are those that a step at rest gives, whatever is drawn over one another."""
    async with open_app(paused=True, **PLANE) as ui:
        await opened(ui)
        event = ui.run.boundary
        wrong = np.frombuffer(event.labels, np.uint16) != np.frombuffer(event.taken_for, np.uint16)
        await ui.until(lambda: f"{wrong.sum()} of 180 points wrong" in ui.screen_text())
        assert "×" in here(ui, "#boundary")


async def test_a_key_that_came_before_the_run_opens_the_plane_when_it_has_begun(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    begin = Session.start
    begun: list[Callable[[], object]] = []
    monkeypatch.setattr(Session, "start", lambda session, ended: begun.append(lambda: begin(session, ended)))
    async with open_app(wait=False, dataset="spiral(samples=300)", model="Linear(8), Tanh, Linear(3)") as ui:
        await ui.until(lambda: begun)
        await ui.press("b")
        await ui.until(lambda: "the plane opens when" in ui.screen_text())
        begun[0]()
        await ui.until(lambda: ui.app.screen is ui.app.boundary and ui.run.boundary)
        await ui.press("b")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
