"""The log: what was printed while the screen was on."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.markup import escape
from textual.screen import Screen
from textual.widgets import Static

from tui_nn.terminal.run_log import RunLog

if TYPE_CHECKING:
    from tui_nn.app import TuiNN

LINES = 300
"""That are shown, from the end: all of it stands in the file."""

LOOK_S = 0.5


class LogScreen(Screen[None]):
    """A page instead of the dashboard, which follows the log as long as its end is in view."""

    DEFAULT_CSS = """
    LogScreen > VerticalScroll { height: 100%; border: round $border; padding: 0 1; }
    """
    BINDINGS: ClassVar = [("escape,L,q,enter,space", "dismiss", "Close")]

    def __init__(self, log: RunLog | None) -> None:
        super().__init__()
        self._log = log
        self._shown = -1

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = "Log"
            page.border_subtitle = "q or escape closes"
            yield Static(Text("nothing has been printed", style="dim"), id="lines")

    def on_mount(self) -> None:
        # The key that opens the page closes it, also one of the user's own.
        for key in cast("TuiNN", self.app).keymap["view.log"]:
            self._bindings.bind(key, "dismiss", show=False)
        if self._log is not None:
            self._look(self._log)
            self.set_interval(LOOK_S, partial(self._look, self._log))

    def _look(self, log: RunLog) -> None:
        log.poll()
        log.unseen = 0
        if log.is_empty or log.size == self._shown:
            return
        page = self.query_one(VerticalScroll)
        follows = self._shown < 0 or page.scroll_y >= page.max_scroll_y
        self._shown = log.size
        page.border_title = escape(f"Log: {log.name}")
        self.query_one("#lines", Static).update(Text("\n".join(log.tail(LINES))))
        if follows:
            page.scroll_end(animate=False)
