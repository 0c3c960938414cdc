"""Typing a text such as "adam(beta2=0.99)"."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from engine.errors import UserError
from engine.training.commands import AnyCommand
from tui_nn.choices import Prompt


class TextScreen(ModalScreen[None]):
    """One line to type in. A text that names nothing is explained, and the line stays."""

    DEFAULT_CSS = """
    TextScreen { align: center middle; background: transparent; }
    TextScreen > Vertical {
        width: 60; max-width: 100%; height: auto; border: round $accent; padding: 0 1; background: $surface;
    }
    TextScreen Label { width: 100%; }
    TextScreen #error { color: $error; }
    """
    BINDINGS: ClassVar = [("escape", "dismiss", "Leave as it is")]

    def __init__(self, prompt: Prompt, send: Callable[[AnyCommand], None]) -> None:
        super().__init__()
        self._prompt = prompt
        self._send = send

    def compose(self) -> ComposeResult:
        prompt = self._prompt
        with Vertical() as box:
            box.border_title = prompt.title
            box.border_subtitle = "enter sets it  escape leaves it"
            yield Label(prompt.help, markup=False)
            yield Input(placeholder=prompt.now, compact=True, max_length=200)
            yield Label(id="error", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text:
            try:
                self._prompt.check(text)
            except UserError as error:
                self.query_one("#error", Label).update(str(error))
                return
            self._send(self._prompt.make(text))
        self.dismiss()
