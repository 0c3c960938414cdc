"""The errors screen: what is taken for what, which samples, how often, and how sure the network was."""

from collections.abc import Callable, Sequence
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from engine.training import commands as c
from engine.training.events import ErrorsMeasured, RunStarted
from tui_nn.look import Look
from tui_nn.panels.calibration import CalibrationPanel
from tui_nn.panels.class_accuracy import ClassAccuracyPanel
from tui_nn.panels.confusion import ConfusionPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.picked_samples import MistakesPanel, PickedSamplesPanel, SuspectsPanel
from tui_nn.placing import Layout
from tui_nn.screens.layouts import ERRORS
from tui_nn.screens.side_screen import SideScreen

if TYPE_CHECKING:
    from tui_nn.app import TuiNN

MEASURE_S = 1.0
"""Between two measurements: calm enough to be read."""

SPLITS: tuple[Literal["train", "validation", "test"], ...] = ("test", "validation", "train")


class ErrorsScreen(SideScreen):
    """A confusion matrix whose cells open, accuracy by class, calibration, and labels in doubt."""

    NAME = "errors"
    LAYOUTS: ClassVar[tuple[Layout, ...]] = ERRORS
    MAIN = "confusion"
    TOO_EARLY = "there are errors when the run has begun"

    def __init__(self, send: Callable[[c.AnyCommand], None]) -> None:
        super().__init__(send)
        # A measurement of many samples is worth waiting for: another one would begin it anew.
        self._look = Look(MEASURE_S, patience_s=inf)
        self._split = 0
        self._explains = False
        """Whether the first sample is to be looked inside when it has come."""
        self._picked: dict[PickedSamplesPanel, tuple[c.PickSamples, ErrorsMeasured]] = {}

    @staticmethod
    def lacks(started: RunStarted) -> str:
        if started.target:
            return f"{started.dataset}: the answers are numbers, none is just wrong"
        count = len(started.class_names)
        if count > c.MOST_CLASSES:
            return f"{started.dataset} has {count} classes: at most {c.MOST_CLASSES} are told apart here"
        return ""

    def make_panels(self) -> Sequence[Panel]:
        self._matrix, self._mistakes = ConfusionPanel(id="confusion"), MistakesPanel(id="mistakes")
        return (
            self._matrix,
            self._mistakes,
            ClassAccuracyPanel(id="class-accuracy"),
            CalibrationPanel(id="calibration"),
            SuspectsPanel(id="suspects"),
        )

    def ask(self) -> None:
        """Have the errors measured again, and the samples shown of those that were measured."""
        run = self.run_state
        if not self._may_ask:
            return
        wish = c.MeasureErrors(SPLITS[self._split])
        wait = self._look.wait(wish, run, run.errors, monotonic(), about=run.network)
        if wait == 0:
            self._send(wish)
        self._ask_in(wait)
        self._pick(run.errors)
        if self._explains and self._mistakes.shown(run) is not None:
            self.explain()

    def move(self, across: int, down: int) -> None:
        """To the cell beside."""
        self._matrix.move(across, down)
        self._choose_cell(self._matrix.cursor)

    def explain(self) -> None:
        """Look inside the first of the samples that are shown, or will be when they have been counted."""
        found = self._mistakes.shown(self.run_state)
        self._explains = False
        if SPLITS[self._split] != "test":
            self.say("only samples of the test split can be looked inside")
        elif not self._mistakes.is_on_screen:
            self.say(f"the samples are on another page ({self.key('view.page')})")
        elif found is None or found.split != "test":
            self._explains = True
        elif not found.samples:
            self.say("there is none to look inside")
        else:
            cast("TuiNN", self.app).look_inside(found.samples[0].index)

    def next_split(self) -> None:
        """The errors on other samples."""
        self._split = (self._split + 1) % len(SPLITS)
        self.say(f"{SPLITS[self._split]} split")
        self.ask()

    def turn_units(self, direction: int) -> None:
        """The next page of the chosen panel's samples, or of those in view."""
        self._turn(self._sample_panels, direction, "samples")

    def toggle_axes(self) -> None:
        """Nothing to choose here."""
        self.say("shares have linear axes")

    def next_layer(self) -> None:
        """Nothing to choose here."""
        self.say("errors are those of the whole network")

    def on_screen_suspend(self) -> None:
        """Who has turned to something else waits for nothing here."""
        self._explains = False

    def on_confusion_panel_picked(self, event: ConfusionPanel.Picked) -> None:
        self._choose_cell(event.cell)

    @property
    def _sample_panels(self) -> list[PickedSamplesPanel]:
        return [panel for panel in self.panels if isinstance(panel, PickedSamplesPanel)]

    def _step_back(self) -> None:
        if self._matrix.cursor is not None:
            self._choose_cell(None)
        else:
            super()._step_back()

    def _choose_cell(self, cell: tuple[int, int] | None) -> None:
        """Show the samples of a cell, or of none the worst mistakes."""
        self._explains = False
        self._matrix.cursor = self._mistakes.chosen = cell
        self._mistakes.first = 0
        self._bring_up_to_date([self._matrix, self._mistakes])
        self.ask()

    def _pick(self, errors: ErrorsMeasured | None) -> None:
        """Ask for the samples that panels in view have room for, once for each measurement."""
        if errors is None:
            return
        for panel in self._sample_panels:
            wish = panel.wish() if panel.is_on_screen and panel.size else None
            before = self._picked.get(panel)
            if wish is not None and (before is None or before[0] != wish or before[1] is not errors):
                self._picked[panel] = wish, errors
                self._send(wish)
