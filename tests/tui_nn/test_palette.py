from collections.abc import Callable
from typing import Any

import pytest
from textual.command import CommandPalette

from tui_nn.screens.text import TextScreen
from tui_nn.screens.value import ValueScreen

OpenApp = Callable[..., Any]


async def find(ui: Any, words: str) -> None:
    await ui.press("ctrl+p")
    await ui.until(lambda: isinstance(ui.app.screen, CommandPalette))
    await ui.press(*words)
    await ui.until(lambda: words.lower() in ui.screen_text().lower().replace("│", " ").split("search")[-1])


async def test_an_activation_is_changed_by_the_palette(open_app: OpenApp):
    async with open_app() as ui:
        await find(ui, "Activation of 1 Linear(16): Tanh")
        await ui.until(lambda: "(now ReLU)" in ui.screen_text())
        await ui.press("enter")
        await ui.until(lambda: ui.run.started.layers[0].activation == "Tanh")
        await ui.until(lambda: "Tanh, Linear(12), ReLU" in ui.run.started.config.model)
        assert ui.run.change_steps
        await ui.until(lambda: ui.run.phase == "running" and ui.app.screen is ui.app.dashboard)
        await ui.press("L")
        await ui.until(lambda: "activation of 1 Linear(16) ReLU to Tanh" in ui.screen_text())


async def test_a_text_is_typed_and_a_wrong_one_explained(open_app: OpenApp):
    async with open_app() as ui:
        await find(ui, "Optimizer: type one")
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, TextScreen))
        await ui.press(*"sgdd", "enter")
        await ui.until(lambda: "unknown optimizer 'sgdd'" in ui.screen_text())
        await ui.press(*["backspace"] * 4, *"momentum(momentum=0.5)", "enter")
        await ui.until(lambda: ui.run.started.config.optimizer == "momentum(momentum=0.5)")
        await ui.until(lambda: ui.run.hyperparameters["momentum"].value == 0.5)
        assert "beta1" not in ui.run.hyperparameters
        await ui.until(lambda: "momentum" in ui.text("#hyperparameters"))


async def test_a_number_is_typed_by_way_of_the_palette(open_app: OpenApp):
    async with open_app() as ui:
        await find(ui, "Batch size: type a value")
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, ValueScreen))
        await ui.press(*"100", "enter")
        await ui.until(lambda: ui.run.hyperparameters["batch_size"].value == 100)


async def test_the_palette_offers_what_can_be_done_on_this_screen(open_app: OpenApp):
    async with open_app() as ui:
        await find(ui, "Take the last stroke back")
        await ui.until(lambda: "No matches found" in ui.screen_text())
        await ui.press("escape", "escape")
        await ui.press("D")
        await ui.until(lambda: ui.app.screen is ui.app.drawing)
        await find(ui, "Take the last stroke back")
        await ui.until(lambda: "or what cleared the canvas" in ui.screen_text())


@pytest.mark.parametrize("keys", [["enter"], ["N"]], ids=["a value", "a new run"])
async def test_ctrl_c_leaves_from_a_line_that_is_typed_in(keys: list[str], open_app: OpenApp):
    async with open_app() as ui:
        await ui.press(*keys)
        await ui.until(lambda: ui.app.screen is not ui.app.dashboard)
        await ui.press("5", "ctrl+c")
        await ui.until(lambda: ui.app.return_code == 130)


async def test_what_is_wrong_with_a_value_is_told_to_its_end(open_app: OpenApp):
    async with open_app() as ui:
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, ValueScreen))
        await ui.press(*"9" * 30, "enter")
        limits = f"{ui.app.screen._hyperparameter.low:g} to {ui.app.screen._hyperparameter.high:g}"
        await ui.until(lambda: ui.screen_text().count(limits) == 2)
