"""The set-up screen: a new run is written, looked through at every key, and begun beside the old curve."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.events import Click, Key, MouseScrollDown, MouseScrollUp, Paste
from textual.screen import Screen

from engine.errors import UserError
from engine.training.commands import AnyCommand, BeginRun
from engine.training.config import Config
from engine.training.events import RunStarted
from engine.training.outline import outline_of_run
from engine.training.plan import Plan, plan
from tui_nn.draft import Draft, open_config
from tui_nn.outlines import Outlines
from tui_nn.panels.set_up import SetUpPanel
from tui_nn.run_state import RunState

PATIENCE_S = 0.3
"""Without a key, until a data set whose name is being typed is read."""


class SetUpScreen(Screen[None], inherit_bindings=False):
    """A form instead of the dashboard; the run goes on behind it until another one is begun."""

    DEFAULT_CSS = "SetUpScreen > SetUpPanel { height: 100%; }"
    BINDINGS: ClassVar = [("escape", "dismiss", "Close")]

    def __init__(self, config: Config, started: RunStarted, send: Callable[[AnyCommand], None]) -> None:
        super().__init__()
        self.draft = Draft(open_config(config, started))
        self.panel = SetUpPanel(id="set-up")
        self.panel.draft = self.draft
        self._known = started
        self._send = send
        self._outlines: Outlines
        self._ready: Config | None = None

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self._outlines = Outlines(partial(self.app.call_later, self._look))
        name = self._known.config.dataset
        if not self._known.config.samples:
            self._outlines.add(name, outline_of_run(self._known))
        self._look()

    def on_key(self, event: Key) -> None:
        draft, here = self.draft, self.draft.cursor
        match event.key:
            case "tab" | "down":
                draft.go(+1)
            case "shift+tab" | "up":
                draft.go(-1)
            case "left" | "right" if draft.picks:
                draft.pick(+1 if event.key == "right" else -1)
            case "left" | "right":
                draft.move(here + (1 if event.key == "right" else -1))
            case "home" | "ctrl+a":
                draft.move(0)
            case "end" | "ctrl+e":
                draft.move(len(draft.values[draft.field]))
            case "backspace" | "ctrl+h":
                draft.erase(1)
            case "delete" | "ctrl+d":
                draft.erase(-1)
            case "ctrl+u":
                draft.clear()
            case "pageup" | "pagedown":
                self.panel.scroll_layers(+1 if event.key == "pagedown" else -1)
            case "enter":
                self._begin()
            case _ if event.is_printable and event.character:
                draft.type(event.character)
            case _:
                return  # for others: escape, and the program's own
        event.stop()
        event.prevent_default()
        self._look()

    def on_paste(self, event: Paste) -> None:
        event.stop()
        self.draft.type(" ".join(event.text.split()))
        self._look()

    def on_click(self, event: Click) -> None:
        fields = self.panel.rows_of_fields
        if event.widget is self.panel and 0 < event.y <= len(fields):
            self.draft.go_to(fields[event.y - 1])
            self._look()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.panel.scroll_layers(+1)
        self._look()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.panel.scroll_layers(-1)
        self._look()

    def _begin(self) -> None:
        """Ask for it, if it fits; the trainer may still refuse it, and then says why on the dashboard."""
        if self._ready is not None:
            self._send(BeginRun(self._ready))
            self.dismiss()

    def _look(self) -> None:
        """Bring the panel up to date with what is written."""
        if not self.is_attached:
            return
        panel, name = self.panel, self.draft.values["dataset"].strip()
        self._ready, panel.trouble, panel.waits, panel.data = None, "", False, ""
        found = self._outlines.get(name)
        if isinstance(found, str):
            panel.trouble, panel.plan = found, Plan(())
        elif found is not None:
            panel.data = found.text
        elif name:
            panel.waits = True
            self.set_timer(PATIENCE_S, partial(self._read, name))
        try:
            config = self.draft.config()
            if found is not None and not isinstance(found, str):
                made = plan(config, found)
                panel.trouble = made.trouble
                # A name that is half typed is no reason to clear the table.
                panel.plan = made if made.layers or not made.trouble else panel.plan
                self._ready = None if made.trouble else config
        except UserError as error:
            panel.trouble = panel.trouble or str(error)
        panel.show(RunState())

    def _read(self, name: str) -> None:
        """Read the data, if that is still what is wanted."""
        if self.is_attached and self.draft.values["dataset"].strip() == name and self._outlines.get(name) is None:
            self._outlines.read(name)
