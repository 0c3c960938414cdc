"""What the screens have in common that one opens from the dashboard: each asks the engine for what it shows."""

from collections.abc import Callable, Sequence
from math import inf
from time import monotonic
from typing import ClassVar, Protocol

from textual.actions import SkipAction
from textual.timer import Timer

from engine.training.commands import AnyCommand
from engine.training.events import RunStarted
from tui_nn.run_state import RunState
from tui_nn.screens.run_screen import RunScreen

SAME_S = 0.005
"""Two times as near as this are one."""


class Paged(Protocol):
    """A panel of pictures or samples that has room for some of them."""

    @property
    def id(self) -> str | None: ...

    @property
    def is_on_screen(self) -> bool: ...

    def turn(self, direction: int) -> bool:
        """The next page (+1) or the one before; whether there is another one."""


class SideScreen(RunScreen):
    """A screen of the run with a way back; it asks, each time the run has changed or an alarm rings."""

    TOO_EARLY: ClassVar[str]
    """Said where there is no run yet."""

    WAITS: ClassVar[bool] = False
    """Whether, asked for too early, it opens when the run has begun."""

    def __init__(self, send: Callable[[AnyCommand], None]) -> None:
        super().__init__()
        self._send = send
        self._alarm: Timer | None = None
        self._rings_at = inf

    @staticmethod
    def lacks(started: RunStarted) -> str:
        """Why there is nothing to show of such a run; empty where there is."""
        return ""

    def action_back(self) -> None:
        try:
            super().action_back()
        except SkipAction:
            self._step_back()

    def show(self, run: RunState, *, whole: bool = True) -> None:
        super().show(run, whole=whole)
        self.ask()

    def answer(self, run: RunState) -> None:
        super().answer(run)
        self.ask()

    def _step_back(self) -> None:
        """Where no panel is maximized or chosen."""
        self._leave()

    def _leave(self) -> None:
        """Back to the dashboard."""
        self.app.call_later(self.app.run_action, f"app.perform('{self.NAME}.open')")

    @property
    def _may_ask(self) -> bool:
        """Whether somebody sees what a run that goes on would answer."""
        run = self.run_state
        if run.started is None or run.phase == "failed" or self.lacks(run.started):
            return False
        return self.is_mounted and self.uncovered

    def _ask_in(self, wait: float) -> None:
        """Ask again after so many seconds, and not before; infinite: when the run has changed."""
        rings_at = monotonic() + wait if 0 < wait < inf else inf
        if self._alarm is not None:
            if abs(rings_at - self._rings_at) < SAME_S:
                return  # what is drawn has it set anew at each move, and each costs a task
            self._alarm.stop()
        self._rings_at = rings_at
        self._alarm = self.set_timer(wait, self._ring) if rings_at < inf else None

    def _ring(self) -> None:
        self._alarm = None
        self.ask()

    def _turn(self, panels: Sequence[Paged], direction: int, what: str) -> None:
        """The next page of the chosen one of these panels, or of all in view."""
        seen = [panel for panel in panels if panel.is_on_screen]
        chosen = [panel for panel in seen if panel.id == self.arrangement.chosen]
        if not seen:
            self.say(f"the {what} are on another page ({self.key('view.page')})")
        elif not sum(panel.turn(direction) for panel in chosen or seen):
            self.say(f"all {what} are in view")
        self.ask()
