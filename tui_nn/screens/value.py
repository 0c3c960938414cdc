"""Typing a value for a hyperparameter."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from engine.errors import UserError
from engine.hyperparameters import Hyperparameter
from engine.training.commands import AnyCommand, SetHyperparameter
from tui_nn.screens.page import Page


class ValueScreen(Page[None]):
    """One line to type in. A value that cannot be is explained, and the line stays."""

    DEFAULT_CSS = """
    ValueScreen { align: center middle; }
    ValueScreen > Vertical {
        width: 60; max-width: 100%; height: auto; border: round $accent; padding: 0 1; background: $surface;
    }
    ValueScreen #error { color: $error; width: 1fr; }
    """
    BINDINGS: ClassVar = [("escape", "dismiss", "Leave as it is")]

    def __init__(self, hyperparameter: Hyperparameter, send: Callable[[AnyCommand], None]) -> None:
        super().__init__()
        self._hyperparameter = hyperparameter
        self._send = send

    def compose(self) -> ComposeResult:
        item = self._hyperparameter
        with Vertical() as box:
            box.border_title = item.name.replace("_", " ")
            box.border_subtitle = "enter sets it  escape leaves it"
            zero = "0 (off) or " if item.zero else ""
            yield Label(item.help)
            yield Label(f"{zero}{item.low:g} to {item.high:g}, now {item.value:g}")
            yield Input(placeholder=f"{item.value:g}", compact=True, max_length=40)
            yield Label(id="error", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            self.dismiss()
            return
        try:
            value = self._hyperparameter.checked(event.value.strip())
        except UserError as error:
            self.query_one("#error", Label).update(str(error))
            return
        self._send(SetHyperparameter(self._hyperparameter.name, value))
        self.dismiss()
