"""Saying what a drawing is, so that the network learns from it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from tui_nn.screens.page import Page


class LabelScreen(Page[str]):
    """One line for a digit, or for as many as were read, which is what an empty line says; gives them back."""

    DEFAULT_CSS = """
    LabelScreen { align: center middle; }
    LabelScreen > Vertical {
        width: 60; max-width: 100%; height: auto; border: round $accent; padding: 0 1; background: $surface;
    }
    LabelScreen #error { color: $error; width: 1fr; }
    """
    BINDINGS: ClassVar = [("escape", "leave", "Leave it as it is")]

    def __init__(self, read: str) -> None:
        super().__init__()
        self._read = read

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "What is it really?"
            box.border_subtitle = "enter adds it   escape leaves it"
            yield Label(f"It is read as {self._read}. What you type is saved with the")
            yield Label("drawing and trained on from the next epoch on.")
            yield Input(placeholder=self._read, compact=True, restrict="[0-9]*")
            yield Label(id="error", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        typed = event.value.strip() or self._read
        if len(typed) == len(self._read):
            self.dismiss(typed)
            return
        expected = "a digit, 0 to 9" if len(self._read) == 1 else f"{len(self._read)} digits, as many as were read"
        self.query_one("#error", Label).update(f"{typed}: expected {expected}")

    def action_leave(self) -> None:
        self.dismiss("")
