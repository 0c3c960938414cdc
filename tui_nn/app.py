"""The application: it wires a session to screens and decides nothing."""

import asyncio
import os
import signal
import sys
from datetime import datetime
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver
from textual.worker import Worker, WorkerState

from engine.training import commands as c
from engine.training import events as e
from tui_nn.actions.action import actions, bindings
from tui_nn.exit_status import HUNG_UP, INTERRUPTED, MISTAKE
from tui_nn.palette import ActionProvider
from tui_nn.panels.panel import Panel
from tui_nn.panels.prediction import PredictionPanel
from tui_nn.panels.weight_histogram import WeightHistogramPanel
from tui_nn.run_state import RunState
from tui_nn.screens.dashboard import DashboardScreen
from tui_nn.screens.help import HelpScreen
from tui_nn.screens.no_data import NoDataScreen
from tui_nn.session import Session
from tui_nn.themes import DARK

LISTEN_S = 0.02
"""How often the training thread's events are fetched: what answers a key is on the screen after it."""

FRAME = 12
"""Fetches between two frames of what changes by itself: four frames a second."""

PROBES: dict[type[Panel], c.AnyCommand] = {PredictionPanel: c.PredictDigit(), WeightHistogramPanel: c.MeasureWeights()}
"""What to ask for while a panel is seen."""

SELF_MOVING = (
    e.DownloadAdvanced,
    e.StepsEnded,
    e.Evaluated,
    e.EpochEnded,
    e.WeightsMeasured,
    e.DigitPredicted,
)
"""Events that wait for the next frame; all others answer somebody, at once."""


class TuiNN(App[None]):
    """One run on one dashboard. After it, `run_state` has the outcome, and `return_code` the exit status."""

    TITLE = "tui-nn"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {ActionProvider}
    SCREENS: ClassVar = {"help": HelpScreen}
    BINDINGS: ClassVar[list[BindingType]] = list(bindings())

    def __init__(self, session: Session, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self.session = session
        self.run_state = RunState(pace=session.pace)
        self.dashboard = DashboardScreen()
        self._trainer: Worker[None] | None = None
        self._leaving: int | None = None
        self._hung_up = False
        self._tick = 0
        self._stale = False
        self._probed: dict[type[Panel], int] = {}

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.theme = DARK.name
        self.push_screen(self.dashboard)
        self.dashboard.call_after_refresh(self._start)
        if sys.platform != "win32":
            # Neither a termination nor a lost connection costs the last checkpoint.
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.leave, INTERRUPTED)
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hang_up)

    def on_unmount(self) -> None:
        # After a defect of the screen as well: the process would wait for the training thread for ever.
        self.session.send(c.Close())

    def send(self, command: c.AnyCommand) -> None:
        """Ask the trainer for something; the screen changes when it confirms."""
        self.session.send(command)

    def save_picture(self) -> None:
        """Write an SVG of the screen as it is."""
        name = f"tui-nn-{datetime.now():%Y%m%d-%H%M%S}.svg"
        try:
            self.save_screenshot(name)
        except OSError as error:
            self.notify(f"{name}: cannot be written: {error.strerror}", severity="error")
        else:
            self.notify(f"saved {name}")

    def leave(self, status: int = 0) -> None:
        """Have the run saved, then go; asked a second time, go at once."""
        if self._leaving is not None or self._trainer is None or self._trainer.is_finished:
            self.exit(return_code=status)
            return
        self._leaving = status
        self.send(c.Close())

    def _hang_up(self) -> None:
        """The terminal is gone: have the run saved, then go without a word to it, for each would wait for ever."""
        self._hung_up = True
        if self._trainer is None or self._trainer.is_finished:
            os._exit(HUNG_UP)
        self._leaving = HUNG_UP
        self.send(c.Close())

    async def action_quit(self) -> None:
        """Textual's own key for leaving, ctrl+q, is no way around saving."""
        self.leave()

    def action_perform(self, id: str) -> None:
        """Do what the table of actions says."""
        actions()[id].run(self)

    def _start(self) -> None:
        self._trainer = self.run_worker(self.session.run, thread=True, exit_on_error=False)
        self.set_interval(LISTEN_S, self._listen)

    def _listen(self) -> None:
        """Take in what happened; answers are drawn now, all else with the next frame."""
        answered = False
        for event in self.session.events():
            self._stale = True
            answered |= not isinstance(event, SELF_MOVING)
            if isinstance(event, e.DigitPredicted):
                answered |= self.run_state.prediction is None or event.index != self.run_state.prediction.index
            self.run_state.apply(event)
            if isinstance(event, e.DownloadFailed):
                self.dashboard.answer(self.run_state)  # for the last time before the page lies over it
                self.push_screen(NoDataScreen(event), self._choose)
        self._tick += 1
        if self._tick % FRAME == 0:
            self._probe()
        if self._stale and self._tick % FRAME == 0:
            self.dashboard.show(self.run_state)
            self._stale = False
        elif answered:
            self.dashboard.answer(self.run_state)

    def _choose(self, command: c.AnyCommand | None) -> None:
        """Pass on what somebody wants to do without the data; nothing for who only closed the page."""
        if command is not None:
            self.send(command)

    def _probe(self) -> None:
        """Look into the network for each panel that somebody sees and that has not seen this step."""
        step = self.run_state.step
        if self.run_state.started is None:
            return
        for panel, command in PROBES.items():
            if self._probed.get(panel) != step and self.dashboard.sees(panel):
                self._probed[panel] = step
                self.send(command)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state not in (WorkerState.SUCCESS, WorkerState.ERROR):
            return
        self._listen()
        if self._hung_up:
            os._exit(HUNG_UP)
        failure = self.run_state.failure
        if failure is not None and failure.mistake:
            self.exit(return_code=MISTAKE)
        elif self._leaving is not None:
            self.exit(return_code=self._leaving)
