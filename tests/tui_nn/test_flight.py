from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from engine import datasets
from engine.preflight import Result, checks, preflight
from engine.preflight.check import Trial
from engine.training.config import make_config
from tui_nn.appearance import Appearance
from tui_nn.flight import Flight
from tui_nn.panels.preflight import Flown, PreflightPanel
from tui_nn.plots import plain_text
from tui_nn.run_state import RunState
from tui_nn.screens.preflight import PreflightScreen

CONFIG = make_config({"dataset": "iris", "model": "Linear(16), Tanh, Linear(outputs)", "lr": 0.01})


def test_it_finds_what_the_checks_find_and_tells_each():
    told: list[int] = []
    flight = Flight(CONFIG, lambda: told.append(len(flight.results)))
    flight.start()
    flight.join()
    assert flight.results == list(preflight(CONFIG, datasets.load("iris")))
    assert told == [0, *range(1, len(checks.names()) + 1), len(checks.names())]
    assert flight.ended
    assert flight.trouble == ""


def test_cancelled_it_ends_without_a_word(monkeypatch: pytest.MonkeyPatch):
    began = Event()

    def forever(name: str, trial: Trial) -> Result:
        began.set()
        while True:
            trial.breathe()

    monkeypatch.setitem(checks._items, "class balance", forever)
    told: list[int] = []
    flight = Flight(CONFIG, lambda: told.append(len(flight.results)))
    flight.start()
    assert began.wait(60)
    flight.cancel()
    flight.join()
    assert told == [0]
    assert not flight.ended


@pytest.mark.parametrize("settings", [{"dataset": "csv:none.csv"}, {"dataset": "iris", "model": "Conv2d(3, 3)"}])
def test_what_cannot_be_checked_is_told(settings: dict[str, Any]):
    flight = Flight(make_config(settings), lambda: None)
    flight.start()
    flight.join()
    assert flight.ended
    assert len(flight.trouble.splitlines()) == 1


async def test_who_leaves_the_page_ends_the_checks(open_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    def forever(name: str, trial: Trial) -> Result:
        while True:
            trial.breathe()

    monkeypatch.setitem(checks._items, "data range", forever)
    async with open_app() as ui:
        await ui.press("P")
        await ui.until(lambda: "data range      being checked" in ui.screen_text())
        assert "✓ class balance" in ui.screen_text()
        page: PreflightScreen = ui.app.screen
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        await ui.until(lambda: not page.flight._thread.is_alive())


RESULTS = tuple(Result(name, passed, "found " * 12, "expected " * 9, "" if passed else "advice " * 9)
                for name, passed in (("one", True), ("two", False), ("three", None)))  # fmt: skip


@pytest.mark.parametrize(("glyphs", "signs"), [("braille", "✓!✗-"), ("ascii", "+!x-")])
def test_each_level_has_its_sign(glyphs: Any, signs: str):
    panel = PreflightPanel()
    panel.appearance = Appearance(glyphs)
    levels = ((True, ""), (True, "advice"), (False, "advice"), (None, ""))
    panel.flown = Flown(tuple(Result("one", passed, "found", advice=advice) for passed, advice in levels))
    rows = panel.draw(RunState(), 60, 20)
    heads = [row[0] for row in rows if "one" in row[0].text]
    assert "".join(span.text[0] for span in heads) == signs
    assert [span.role for span in heads] == ["good", "warn", "bad", "muted"]
    assert panel.title == "Pre-flight: 4 of 4 checks, 1 failed, 1 to look at"


@pytest.mark.parametrize("height", [30, 15, 6, 3])
def test_where_room_lacks_details_go_before_checks_do(height: int):
    panel = PreflightPanel()
    panel.flown = Flown(RESULTS, "four", ("five",))
    rows = panel.draw(RunState(), 60, height)
    assert len(rows) <= height
    text = plain_text(rows)
    assert ("✓ one" in text, "✗ two" in text, "- three" in text) == (True, True, True)
    assert ("expected" in text) == (height > 6)
    assert ("advice" in text) == (height > 6)
    assert ("four" in text) == (height >= 6)
    assert panel.title == "Pre-flight: 3 of 5 checks, 1 failed"
