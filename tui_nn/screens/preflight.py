"""The pre-flight page: the present configuration checked beside the run."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen

from engine.training.config import Config
from tui_nn.flight import Flight
from tui_nn.panels.preflight import Flown, PreflightPanel
from tui_nn.run_state import RunState

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


class PreflightScreen(Screen[None]):
    """A page instead of the dashboard; the run goes on behind it. Who leaves it ends the checks."""

    DEFAULT_CSS = "PreflightScreen > PreflightPanel { height: 100%; }"
    BINDINGS: ClassVar = [("escape,q,enter,space", "dismiss", "Close")]

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.panel = PreflightPanel(id="preflight")
        self._config = config
        self.flight: Flight

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        # The key that opens the page closes it, also one of the user's own.
        for key in cast("TuiNN", self.app).keymap["training.preflight"]:
            self._bindings.bind(key, "dismiss", show=False)
        self.flight = Flight(self._config, partial(self.app.call_later, self._show))
        # Once the page is seen: what is checked must not hold up its first frame.
        self.call_after_refresh(self.flight.start)

    def on_unmount(self) -> None:
        self.flight.cancel()

    def _show(self) -> None:
        if not self.is_attached:
            return
        flight = self.flight
        results = tuple(flight.results)
        waiting = tuple(flight.names[len(results) :])
        running, waiting = (waiting[0], waiting[1:]) if waiting and not flight.ended else ("", ())
        self.panel.flown = Flown(results, running, waiting, flight.trouble)
        self.panel.show(RunState())
