"""The layers screen on real runs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.training import commands as c
from tui_nn.screens.help import HelpScreen

OpenApp = Callable[..., Any]

MODEL = "Conv2d(6, 5), ReLU, MaxPool2d(2), Flatten, Linear(20), Tanh, Linear(10)"


@pytest.fixture(autouse=True)
def terminal_of_all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


async def opened(ui: Any) -> None:
    """On the screen, with something to see."""
    await ui.press("i")
    await ui.until(lambda: ui.app.screen is ui.app.layers and ui.run.layer and ui.run.layer.gradients)
    await ui.until(lambda: "mean" in here(ui, "#weight-tally"), "a histogram")


def here(ui: Any, selector: str) -> str:
    """What stands in a widget of the uppermost screen."""
    widget = ui.app.screen.query_one(selector)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


def chosen(ui: Any) -> str:
    """The row of the list that is pointed at."""
    return next(line for line in here(ui, "#layer-list").splitlines() if "▸" in line)


async def test_it_looks_again_while_the_network_learns(open_app: OpenApp):
    async with open_app(model=MODEL) as ui:
        await opened(ui)
        for words in (
            "Weights",
            "Gradients",
            "Activations",
            "Filters",
            "Test sample 1 in 0 Conv2d(6, 5)",
            "of the last",
        ):
            await ui.until(lambda words=words: words in ui.screen_text(), words)
        assert "0 Conv2d(6, 5)" in chosen(ui)
        steps: set[int] = set()
        await ui.until(lambda: steps.add(ui.run.layer.step) or len(steps) > 3, "one look after the other")
        history = ui.run.snapshots["0", "gradients"]
        await ui.until(lambda: len(history) > 3 and f"to {ui.run.layer.step:,}" in here(ui, "#gradient-tally"))
        assert ui.run.layer.maps.count == 6
        assert ui.run.layer.pictures.count == 6


async def test_edges_stay_while_one_looks_and_a_key_chooses_new_ones(open_app: OpenApp):
    async with open_app(model=MODEL, lr=0.02) as ui:
        await opened(ui)

        def edges() -> list[tuple[float, float]]:
            event = ui.run.layer
            return [(item.low, item.high) for item in (event.weights, event.gradients, event.activations) if item]

        await ui.press("w", "w")
        await ui.until(lambda: ui.run.layer.layer == 2)
        first, step = edges(), ui.run.layer.step
        seen = []
        await ui.until(lambda: seen.append(edges()) or ui.run.layer.step > step + 300)
        assert all(item == first for item in seen)
        # The run rests, so that the new edges are those of known numbers.
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused" and ui.run.layer.step == ui.run.step)
        before = ui.run.layer
        await ui.press("l")
        await ui.until(lambda: ui.run.layer is not before)
        gradients = ui.run.layer.gradients
        assert (gradients.under, gradients.over) == (0, 0)
        counts = np.array(gradients.counts)
        outer = counts.size * 3 // 10  # edges are round: up to 2.5 times what they hold
        assert counts[:outer].any() or counts[-outer:].any()


async def test_layers_are_chosen_by_keys_and_by_a_click(open_app: OpenApp):
    async with open_app(model=MODEL) as ui:
        await opened(ui)
        labels = ["0 Conv2d(6, 5)", "4 Linear(20)", "6 Linear(10)"]
        for key, place in (("w", 1), ("down", 2), ("w", 0), ("W", 2), ("up", 1), ("k", 0)):
            await ui.press(key)
            await ui.until(lambda place=place: ui.run.layer.layer == place and labels[place] in chosen(ui))
            await ui.until(lambda place=place: f"in {labels[place]}" in here(ui, "#activation-maps"))
        await ui.pilot.click("#layer-list", offset=(5, 3))
        await ui.until(lambda: ui.run.layer.layer == 1 and labels[1] in chosen(ui))
        assert "Weight matrix" in here(ui, "#weight-pictures")
        await ui.pilot.click("#layer-list", offset=(5, 1))
        await ui.pilot.pause()
        assert ui.app.layers.query_one("#layer-list").place == 1


async def test_arrows_are_for_the_hyperparameters_where_that_panel_is_chosen(open_app: OpenApp):
    async with open_app(model=MODEL) as ui:
        await opened(ui)
        await ui.press("shift+tab")
        await ui.until(lambda: ui.app.layers.arrangement.chosen == "activation-maps")
        ui.app.layers.arrangement.chosen = "hyperparameters"
        await ui.press("down")
        await ui.until(lambda: ui.app.layers.chosen.name == "weight_decay")
        await ui.press("up", "right")
        await ui.until(lambda: ui.run.hyperparameters["learning_rate"].value == 0.002)
        assert ui.app.layers.query_one("#layer-list").place == 0


async def test_another_sample_is_looked_at_at_once(open_app: OpenApp):
    async with open_app(model=MODEL, paused=True) as ui:
        await ui.until(lambda: ui.run.started)
        await ui.press("i")
        await ui.until(lambda: ui.app.screen is ui.app.layers and ui.run.layer and ui.run.layer.maps)
        assert ui.run.layer.gradients is None
        await ui.until(lambda: "none before the first step" in here(ui, "#gradient-tally"))
        for digit in (1, 2):
            await ui.press("n")
            await ui.until(lambda digit=digit: ui.run.layer.digit == digit)
            await ui.until(lambda digit=digit: f"Test sample {digit + 1} in" in here(ui, "#activation-maps"))
        await ui.press("p")
        await ui.until(lambda: ui.run.layer.digit == 1)


async def test_pages_of_pictures_are_turned(open_app: OpenApp):
    async with open_app(model="Flatten, Linear(40), ReLU, Linear(10)") as ui:
        await opened(ui)
        await ui.until(lambda: ui.run.layer.pictures and "1 to" in here(ui, "#weight-pictures"))
        page = ui.run.layer.pictures.shown
        assert page < 40
        await ui.press("full_stop")
        await ui.until(lambda: ui.run.layer.pictures.first > 0)
        await ui.until(lambda: f"{ui.run.layer.pictures.first + 1} to" in here(ui, "#weight-pictures"))
        await ui.press("comma")
        await ui.until(lambda: ui.run.layer.pictures.first == 0)
        await ui.press("full_stop", "w", "W")
        await ui.until(lambda: ui.run.layer.layer == 0 and ui.run.layer.pictures.first == 0)


@pytest.mark.parametrize("key", ["i", "escape"])
async def test_one_comes_back_to_the_dashboard(open_app: OpenApp, key: str):
    async with open_app(model=MODEL) as ui:
        for _ in range(2):
            await opened(ui)
            await ui.press(key)
            await ui.until(lambda: ui.app.screen is ui.app.dashboard)
            step = ui.run.step
            await ui.until(lambda step=step: ui.run.step > step and "train" in ui.text("#loss"))


async def test_from_the_plane_one_comes_there_and_back(open_app: OpenApp):
    plane = {"dataset": "spiral(samples=300)", "model": "Linear(12), Tanh, Linear(3)", "lr": 0.01}
    async with open_app(**plane) as ui:
        await ui.press("b")
        await ui.until(lambda: ui.app.screen is ui.app.boundary)
        await ui.press("i")
        await ui.until(lambda: ui.app.screen is ui.app.layers and ui.run.layer)
        await ui.until(lambda: "Weight matrix" in here(ui, "#weight-pictures"))
        await ui.press("b")
        await ui.until(lambda: ui.app.screen is ui.app.boundary)
        await ui.press("b")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)


async def test_nothing_is_asked_for_while_nobody_sees_it(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    async with open_app(model=MODEL) as ui:
        asked: list[c.AnyCommand] = []
        send = ui.app.session.send
        monkeypatch.setattr(ui.app.session, "send", lambda command: (asked.append(command), send(command)))

        async def looks() -> int:
            asked.clear()
            for _ in range(40):
                step = ui.run.step
                await ui.until(lambda step=step: ui.run.step > step, "two seconds of training")
            return sum(isinstance(command, c.InspectLayer) for command in asked)

        assert not await looks()
        await opened(ui)
        await ui.press("question_mark")
        await ui.until(lambda: isinstance(ui.app.screen, HelpScreen))
        assert not await looks()
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.layers)
        assert await looks()
        await ui.press("i")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        assert not await looks()


async def test_it_stays_after_the_end_and_through_a_restart(open_app: OpenApp):
    async with open_app(model=MODEL) as ui:
        await opened(ui)
        await ui.press("w", "x")
        await ui.until(lambda: ui.run.phase == "ended" and ui.run.layer.step == ui.run.step)
        await ui.press("w")
        await ui.until(lambda: ui.run.layer.layer == 2)
        started = ui.run.started
        await ui.press("r")
        await ui.until(lambda: ui.run.started is not started and ui.run.layer and ui.run.layer.layer == 2)
        await ui.until(lambda: ui.run.layer.gradients, "a look after the first step")


@pytest.mark.parametrize(("size", "pages"), [((60, 20), 4), ((80, 24), 3), ((120, 40), 1), ((200, 60), 1)])
async def test_all_panels_are_in_view_page_by_page(size: tuple[int, int], pages: int, open_app: OpenApp):
    async with open_app(model=MODEL, size=size) as ui:
        await opened(ui)
        seen: set[str] = set()
        for page in range(pages):
            there = [panel.id for panel in ui.app.layers.panels if panel.is_on_screen and panel.size]
            seen |= set(there)
            lines = ui.screen_text().splitlines()
            assert [len(line) for line in lines] == [size[0]] * size[1]
            if pages > 1:
                assert f"Page {page + 1}/{pages}" in lines[-1]
                await ui.press("v")
                await ui.until(lambda page=page: f"Page {(page + 1) % pages + 1}/{pages}" in ui.screen_text())
                await ui.pilot.pause()
        assert {panel.id for panel in ui.app.layers.panels} <= seen


async def test_a_network_of_many_layers(open_app: OpenApp):
    deep = ", ".join(["Flatten", *["Linear(16), ReLU"] * 20, "Linear(10)"])
    async with open_app(model=deep, size=(80, 24)) as ui:
        await opened(ui)
        for place in (20, 19):
            await ui.press("W")
            await ui.until(lambda place=place: ui.run.layer.layer == place and f"{2 * place + 1} Linear" in chosen(ui))


async def test_before_the_run_it_says_so(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    async with open_app(wait=False) as ui:
        if ui.run.started is None:
            await ui.press("i")
            await ui.pilot.pause()
            assert ui.app.screen is ui.app.dashboard or ui.run.started is not None
