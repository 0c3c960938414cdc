"""The log: what was done to the run, what was wrong with it, and what was printed while the screen was on."""

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.markup import escape
from textual.screen import Screen
from textual.widgets import Static

from tui_nn.run_state import RunState
from tui_nn.terminal.run_log import RunLog

if TYPE_CHECKING:
    from tui_nn.app import TuiNN

LINES = 300
"""Printed ones that are shown, from the end: all of it stands in the file."""

LOOK_S = 0.5


class LogScreen(Screen[None]):
    """A page instead of the dashboard, which follows the log as long as its end is in view."""

    DEFAULT_CSS = """
    LogScreen > VerticalScroll { height: 100%; border: round $border; padding: 0 1; }
    """
    BINDINGS: ClassVar = [("escape,L,q,enter,space", "dismiss", "Close")]

    def __init__(self, log: RunLog | None, run: RunState) -> None:
        super().__init__()
        self._log, self._run = log, run
        self._shown = (-1, "")

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = "Log"
            page.border_subtitle = "q or escape closes"
            yield Static(Text("nothing has been changed, and nothing was wrong", style="dim"), id="story")
            yield Static(Text("nothing has been printed", style="dim"), id="lines")

    def on_mount(self) -> None:
        # The key that opens the page closes it, also one of the user's own.
        for key in cast("TuiNN", self.app).keymap["view.log"]:
            self._bindings.bind(key, "dismiss", show=False)
        self._look()
        self.set_interval(LOOK_S, self._look)

    def _look(self) -> None:
        log, story = self._log, "\n".join(self._run.story)
        if log is not None:
            log.poll()
            log.unseen = 0
        printed = log.size if log is not None and not log.is_empty else 0
        if self._shown == (printed, story):
            return
        page = self.query_one(VerticalScroll)
        follows = self._shown[0] < 0 or page.scroll_y >= page.max_scroll_y
        self._shown = (printed, story)
        if story:
            self.query_one("#story", Static).update(Text(story))
        if log is not None and printed:
            page.border_title = escape(f"Log: {log.name}")
            self.query_one("#lines", Static).update(Text("\n".join(log.tail(LINES))))
        if follows:
            page.scroll_end(animate=False)
