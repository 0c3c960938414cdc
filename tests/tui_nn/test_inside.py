"""Looking inside a digit, on real runs."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.training import commands as c

OpenApp = Callable[..., Any]

MODEL = "Conv2d(6, 5), ReLU, MaxPool2d(2), Flatten, Linear(20), Tanh, Linear(10)"


async def opened(ui: Any) -> None:
    """On the screen, with something to see on its first page."""
    await ui.press("I")
    await ui.until(lambda: ui.app.screen is ui.app.inside and ui.run.varied)
    await ui.until(lambda: ui.run.explanation or len(ui.app.inside.arrangement.pages) > 1)


async def test_it_looks_again_while_the_network_learns(open_app: OpenApp):
    async with open_app(model=MODEL) as ui:
        await opened(ui)
        steps: set[int] = set()
        await ui.until(lambda: steps.add(ui.run.explanation.step) or len(steps) > 2, "one look after the other")
        for words in ("What speaks for", "Path over the epochs", "First layer's templates", "0 Conv2d(6, 5)"):
            await ui.until(lambda words=words: words in ui.screen_text(), words)
        await ui.until(
            lambda: any(f"epoch {point.epoch:g} " in ui.screen_text() for point in ui.run.explanation.path[:-1])
        )
        assert ui.run.explanation.templates.count == 6


async def test_another_digit_is_looked_into_as_the_sliders_stand(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await opened(ui)
        await ui.press("right", "n")
        await ui.until(lambda: ui.run.varied.prediction.index == 1 and ui.run.explanation.index == 1)
        assert ui.run.varied.variation == ui.run.explanation.variation == c.Variation(right=1.0)
        await ui.until(lambda: "Test digit 2 of 1000, changed" in ui.screen_text())
        before = ui.run.varied
        await ui.press("d")
        await ui.until(lambda: ui.run.varied.prediction.index == ui.run.prediction.index != before.prediction.index)


async def test_a_click_moves_a_slider(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await opened(ui)
        sliders = ui.app.inside.query_one("#sliders")
        each = sliders._each(sliders.room[0])
        # The frame, the names and values, and ten places of the third slider.
        await ui.pilot.click("#sliders", offset=(1 + 14 + 6 + 2 + 10 * each, 3))
        await ui.until(lambda: ui.run.varied.variation == c.Variation(rotation=20.0))
        await ui.until(lambda: "▸ turn" in ui.screen_text() and "+20°" in ui.screen_text())
        await ui.pilot.click("#sliders", offset=(3, 4))
        await ui.until(lambda: "▸ noise" in ui.screen_text())
        assert sliders.variation == c.Variation(rotation=20.0)


async def test_layers_and_channels_that_have_no_room_are_turned_to(open_app: OpenApp):
    deep = ", ".join(["Conv2d(40, 3), ReLU, Flatten", *["Linear(8), ReLU"] * 9, "Linear(10)"])
    async with open_app(model=deep, paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await opened(ui)
        await ui.until(lambda: ui.run.explanation.maps)
        shown = len(ui.run.explanation.maps)
        channels = ui.run.explanation.maps[0].pictures.shown
        assert 0 < channels < 40
        await ui.press("full_stop")
        await ui.until(lambda: ui.run.explanation.maps[0].pictures.first == channels)
        await ui.press("w")
        await ui.until(lambda: ui.run.explanation.first_layer == shown)
        label = ui.run.started.layers[shown].label
        await ui.until(lambda: label in ui.screen_text())


async def test_the_saliency_on_the_screen_is_that_of_the_picture_on_the_screen(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await opened(ui)
        await ui.press(*["right"] * 5)
        await ui.until(lambda: ui.run.explanation.variation == c.Variation(right=5.0))
        pixels = np.frombuffer(ui.run.explanation.pixels, np.uint8)
        assert (pixels == np.frombuffer(ui.run.varied.prediction.pixels, np.uint8)).all()


@pytest.mark.parametrize(("size", "pages"), [((60, 20), 5), ((80, 24), 3), ((120, 40), 1), ((200, 60), 1)])
async def test_all_panels_are_in_view_page_by_page(size: tuple[int, int], pages: int, open_app: OpenApp):
    async with open_app(size=size) as ui:
        await opened(ui)
        assert len(ui.app.inside.arrangement.pages) == pages
        assert {panel.id for panel in ui.app.inside.panels} <= await ui.seen_on_pages(ui.app.inside)


async def test_what_no_panel_in_view_shows_is_not_asked_for(open_app: OpenApp):
    async with open_app(size=(80, 24), paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await ui.press("I")
        await ui.until(lambda: ui.run.varied and ui.app.screen is ui.app.inside)
        await ui.settle()
        ui.app.inside.ask()
        await ui.press("right")
        await ui.until(lambda: ui.run.varied.variation.right == 1.0)
        assert ui.run.explanation is None
        await ui.press("v")
        await ui.until(lambda: ui.run.explanation and ui.run.explanation.variation.right == 1.0)


async def test_another_run_without_pictures_begins_while_a_page_lies_over_the_screen(open_app: OpenApp):
    async with open_app() as ui:
        await opened(ui)
        await ui.press("question_mark")
        await ui.until(lambda: ui.app.screen is not ui.app.inside)
        config = msgspec.structs.replace(ui.run.started.config, dataset="spiral", model="Linear(outputs)")
        ui.app.send(c.BeginRun(config))
        await ui.until(lambda: ui.run.started.dataset == "spiral" and ui.run.step > 0)
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        assert "VaryDigit" not in " ".join(ui.run.story)
        assert not any("pictures" in line for line in ui.run.story)
