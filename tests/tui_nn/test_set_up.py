"""The form of a new run, by its keys, over a run that trains meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste

from engine.training.commands import BeginRun
from engine.training.config import make_config
from tui_nn.draft import FIELDS
from tui_nn.screens.help import HelpScreen
from tui_nn.screens.set_up import SetUpScreen

OpenApp = Callable[..., Any]

NAMES = {" ": "space", ",": "comma", "(": "left_parenthesis", ")": "right_parenthesis", ":": "colon", ".": "full_stop"}
NAMES |= {"/": "slash", "-": "minus", "_": "underscore", "=": "equals_sign"}


def keys(text: str) -> list[str]:
    return [NAMES.get(character, character) for character in text]


async def opened(ui: Any) -> SetUpScreen:
    await ui.press("N")
    await ui.until(lambda: isinstance(ui.app.screen, SetUpScreen) and "enter begins" in ui.screen_text())
    screen: SetUpScreen = ui.app.screen
    return screen


async def write(ui: Any, field: str, text: str) -> None:
    """Go to the field with tab, and write the text in place of what stands there."""
    draft = ui.app.screen.draft
    for _ in FIELDS:
        if draft.field == field:
            break
        await ui.press("tab")
    assert draft.field == field
    await ui.press("ctrl+u", *keys(text))
    assert draft.values[field] == text


def sent(ui: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is asked of the trainer from now on, looks left out."""
    commands: list[Any] = []
    send = ui.app.session.send
    monkeypatch.setattr(ui.app.session, "send", lambda command: (commands.append(command), send(command)))
    return commands


async def test_the_table_follows_the_model_as_one_types(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await opened(ui)
        assert "1 Linear(16)" in ui.screen_text()
        assert "12,560" in ui.screen_text()  # 784 x 16 + 16
        await write(ui, "model", "Conv2d(4, 5), Flatten, Linear(outputs)")
        await ui.until(lambda: "4x24x24" in ui.screen_text())
        for count in ("104", "23,050", "23,154"):  # 25 x 4 + 4; 2,304 x 10 + 10; and both
            assert count in ui.screen_text()
        await ui.press(*["backspace"] * 9)
        # Half a word is no reason to clear the table, nor to begin.
        assert "4x24x24" in ui.screen_text()
        assert "✗" in ui.screen_text()
        await ui.press("enter")
        assert isinstance(ui.app.screen, SetUpScreen)


async def test_a_misfit_names_the_layer_and_both_shapes(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await opened(ui)
        await write(ui, "model", "Flatten, Linear(6), MaxPool2d(2)")
        text = " ".join(ui.screen_text().replace("│", " ").split())
        assert "layer 2" in text
        assert "(6,)" in text
        assert "(channels, height, width)" in text
        assert "1 Linear(6)" in text


async def test_escape_leaves_the_run_as_it_is(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    async with open_app(paused=True) as ui:
        started, commands = ui.run.started, sent(ui, monkeypatch)
        await opened(ui)
        await write(ui, "epochs", "3")
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        assert not [command for command in commands if isinstance(command, BeginRun)]
        assert ui.run.started is started


async def test_another_data_set_and_its_preset_are_begun_over_the_old_curve(open_app: OpenApp):
    async with open_app() as ui:
        before = ui.run.train_loss
        screen = await opened(ui)
        await write(ui, "preset", "spiral")
        await ui.until(lambda: screen.draft.values["dataset"] == "spiral" and "3 classes" in ui.screen_text())
        await ui.until(lambda: "enter begins" in ui.screen_text())
        await ui.press("enter")
        await ui.until(lambda: ui.run.started.config.dataset == "spiral")
        assert ui.run.before.train_loss is before
        assert ui.run.started.config.lr == 0.01
        await ui.until(lambda: ui.run.step > 50)
        assert len(ui.run.started.layers) == 3
        await ui.until(lambda: len(ui.run.histograms) == 3)
        assert ui.app.session.checkpoint.exists()


async def test_begun_from_the_plane_data_without_one_lead_back_to_the_dashboard(open_app: OpenApp):
    async with open_app(dataset="spiral", model="Linear(8), Tanh, Linear(outputs)") as ui:
        await ui.press("b")
        await ui.until(lambda: ui.app.screen is ui.app.boundary and ui.run.boundary)
        await opened(ui)
        await write(ui, "dataset", "iris")
        await ui.until(lambda: "enter begins" in ui.screen_text())
        await ui.press("enter")
        await ui.until(lambda: ui.run.started.config.dataset == "iris" and ui.app.screen is ui.app.dashboard)
        await ui.until(lambda: ui.run.step > 20)


async def test_begun_while_a_page_lies_over_the_plane_they_do_so_when_it_goes(open_app: OpenApp):
    iris = make_config({"dataset": "iris", "model": "Linear(8), Tanh, Linear(outputs)", "epochs": 10**6})
    async with open_app(dataset="spiral", model="Linear(8), Tanh, Linear(outputs)") as ui:
        await ui.press("b")
        await ui.until(lambda: ui.app.screen is ui.app.boundary and ui.run.boundary)
        await ui.press("question_mark")
        await ui.until(lambda: isinstance(ui.app.screen, HelpScreen))
        ui.app.send(BeginRun(iris))
        await ui.until(lambda: ui.run.started.config.dataset == "iris" and ui.run.step > 20)
        assert isinstance(ui.app.screen, HelpScreen)
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)


async def test_a_file_of_ones_own_is_read_when_its_name_is_written(open_app: OpenApp, tmp_path: Path):
    rows = [f"{n % 7},{n % 5},{'yes' if n % 2 else 'no'}" for n in range(60)]
    (tmp_path / "own.csv").write_text("a,b,good\n" + "\n".join(rows) + "\n")
    async with open_app(paused=True) as ui:
        await opened(ui)
        await write(ui, "model", "Linear(4), ReLU, Linear(outputs)")
        await write(ui, "batch_size", "8")
        await write(ui, "dataset", "csv:own.csv")
        await ui.until(lambda: "(2,), 2 classes" in ui.screen_text() and "enter begins" in ui.screen_text())
        await ui.press("enter")
        await ui.until(lambda: ui.run.started.config.dataset == "csv:own.csv" and ui.run.step > 0)


async def test_data_that_are_not_there_are_told_and_nothing_is_begun(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await opened(ui)
        await write(ui, "dataset", "csv:none.csv")
        await ui.until(lambda: "✗" in ui.screen_text() and "No such file" in ui.screen_text())
        await ui.press("enter")
        assert isinstance(ui.app.screen, SetUpScreen)


async def test_what_only_the_trainer_can_refuse_is_said_on_the_dashboard(open_app: OpenApp):
    async with open_app() as ui:
        started = ui.run.started
        await opened(ui)
        await write(ui, "threads", "1000")
        await ui.press("enter")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard and "--threads 1000" in ui.run.message)
        step = ui.run.step
        await ui.until(lambda: ui.run.step > step)
        assert ui.run.started is started


async def test_letters_are_text_here_and_no_actions(open_app: OpenApp):
    async with open_app() as ui:
        screen = await opened(ui)
        await ui.press("tab", "tab", "ctrl+u", *"qxrN", "space", "question_mark")
        assert screen.draft.values["model"] == "qxrN ?"
        await ui.press("home", "delete", "right", "backspace", "end", "backspace", "left", "z")
        assert screen.draft.values["model"] == "rNz "
        assert ui.run.phase == "running"
        screen.post_message(Paste("Linear(3),\n ReLU"))
        await ui.until(lambda: screen.draft.values["model"] == "rNzLinear(3), ReLU ")


async def test_the_mouse_chooses_a_field(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        screen = await opened(ui)
        place = screen.panel.rows_of_fields.index("epochs")
        await ui.pilot.click("#set-up", offset=(5, place + 1))
        await ui.until(lambda: screen.draft.field == "epochs")


async def test_hyperparameters_that_were_changed_stand_in_the_form(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        await ui.press("right")
        await ui.until(lambda: ui.run.change_steps)
        value = ui.run.hyperparameters["learning_rate"].value
        screen = await opened(ui)
        assert float(screen.draft.values["lr"]) == value
        assert screen.draft.values["set"] == ""


@pytest.mark.parametrize("key", ["N", "P"])
async def test_before_the_run_has_begun_there_is_nothing_to_set_up_or_check(key: str, open_app: OpenApp):
    async with open_app(wait=False) as ui:
        ui.app.run_state.started = None
        await ui.press(key)
        await ui.until(lambda: "has begun" in ui.screen_text())
        assert ui.app.screen is ui.app.dashboard


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (109, 20), (110, 30), (200, 60), (20, 8)])
async def test_at_any_size_the_field_that_is_edited_is_in_view(size: tuple[int, int], open_app: OpenApp):
    async with open_app(paused=True, size=size) as ui:
        await ui.press("N")
        await ui.until(lambda: isinstance(ui.app.screen, SetUpScreen))
        for _ in FIELDS:
            await ui.press("tab")
            rows = [line for line in ui.screen_text().splitlines() if "▸" in line.partition("◂")[0]]
            assert len(rows) == 1
