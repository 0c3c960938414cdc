"""Whatever sizes, pages and maximized panels came before: the screen is the one that a fresh program shows."""

import random
from collections.abc import Callable
from typing import Any

import pytest

OpenApp = Callable[..., Any]

SIZES = [(80, 24), (120, 40), (60, 20), (200, 60), (160, 24), (100, 36), (60, 40), (20, 3), (1, 1), (59, 19)]


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_resizes_the_screen_is_a_fresh_one(seed: int, open_recording: OpenApp):
    draw = random.Random(seed)
    fresh = {}
    for size in ((80, 24), (120, 40), (60, 20)):
        async with open_recording(size) as ui:
            fresh[size] = ui.screen_text()
    async with open_recording((120, 40)) as ui:
        for size, picture in fresh.items():
            for _ in range(6):
                await ui.pilot.resize_terminal(*draw.choice(SIZES))
                await ui.press(*draw.sample(["v", "z", "tab", "v", "g", "shift+tab"], 2))
            await ui.pilot.resize_terminal(*size)
            arrangement = ui.app.dashboard.arrangement
            while arrangement.maximized or arrangement.chosen:
                await ui.press("escape")
            while arrangement.page_shown:
                await ui.press("v")
            while arrangement.second != "accuracy":
                await ui.press("g")
            ui.app.run_screen.say("")
            await ui.settle()
            assert ui.screen_text() == picture, size


async def test_the_second_page_of_a_smaller_terminal_has_nothing_of_the_larger_one(open_recording: OpenApp):
    async with open_recording((80, 24)) as ui:
        await ui.press("v")
        await ui.settle()
        page = ui.screen_text()
    async with open_recording((120, 40)) as ui:
        ui.app.dashboard.arrangement.page = 1
        await ui.pilot.resize_terminal(80, 24)
        await ui.settle()
        assert ui.screen_text() == page


async def test_below_the_smallest_a_sentence_that_fits_and_the_keys_still_work(open_app: OpenApp):
    async with open_app(size=(20, 3), paused=True) as ui:
        for size in ((20, 3), (1, 1), (2, 60), (300, 1), (59, 24)):
            await ui.pilot.resize_terminal(*size)
            await ui.until(lambda size=size: ui.app.screen.size == size)
            await ui.press("v", "z", "tab", "g", "w", "z")
        step = ui.run.step
        await ui.press("s")
        await ui.until(lambda: ui.run.step == step + 1)


async def test_a_sentence_that_fits_into_three_rows_of_twenty(open_recording: OpenApp):
    async with open_recording((20, 3)) as ui:
        words = " ".join(ui.screen_text().split())
        assert "60x20" in words
        assert "20x3" in words


async def test_a_double_click_maximizes_and_gives_back(open_recording: OpenApp):
    async with open_recording((120, 40)) as ui:
        before = ui.screen_text()
        await ui.pilot.click("#weights", offset=(10, 5), times=2)
        await ui.settle()
        assert {panel.id for panel in ui.seen()} == {"status", "weights", "keys"}
        await ui.pilot.click("#weights", offset=(10, 5), times=2)
        await ui.press("escape")
        await ui.settle()
        assert ui.screen_text() == before


async def test_news_for_a_panel_whose_screen_was_given_up(open_app: OpenApp):
    """They come late when the machine is busy, as the program ends."""
    async with open_app() as ui:
        panel = ui.app.dashboard.query_one("#keys")
        await panel.remove()
        panel.on_resize()
        panel.on_show()
        assert not panel.is_attached
