"""The boundary screen: where the network draws its lines through the plane of two features, and of which parts."""

from collections.abc import Callable, Sequence
from math import inf
from time import monotonic
from typing import ClassVar

from engine.training.commands import AnyCommand
from engine.training.events import BoundaryMapped, RunStarted, UnitsMapped
from tui_nn.look import Look
from tui_nn.panels.boundary import SPLITS, BoundaryPanel
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.units import UnitsPanel
from tui_nn.placing import Layout
from tui_nn.screens.layouts import BOUNDARY
from tui_nn.screens.side_screen import SideScreen

BOUNDARY_S, UNITS_S = 0.4, 0.8
"""Between two looks at the same thing: the surface moves twice a second at least, its parts more calmly."""


class BoundaryScreen(SideScreen):
    """The decision surface with the data on it, and a map for each unit of a layer."""

    NAME = "boundary"
    LAYOUTS: ClassVar[tuple[Layout, ...]] = BOUNDARY
    MAIN = "boundary"
    TOO_EARLY = "the plane opens when the run has begun"
    WAITS = True

    def __init__(self, send: Callable[[AnyCommand], None]) -> None:
        super().__init__(send)
        self._looks: dict[type[Panel], Look] = {BoundaryPanel: Look(BOUNDARY_S), UnitsPanel: Look(UNITS_S)}

    @staticmethod
    def lacks(started: RunStarted) -> str:
        return "" if started.plane else f"{started.dataset} has no plane to show: that takes two features and classes"

    def make_panels(self) -> Sequence[Panel]:
        return (
            BoundaryPanel(id="boundary"),
            UnitsPanel(id="units"),
            HyperparametersPanel(id="hyperparameters"),
        )

    def ask(self) -> None:
        """Ask the engine for what visible panels want and have not got, and see to it when that is too early."""
        run = self.run_state
        if not self._may_ask:
            return
        soonest = inf
        for panel in self.panels:
            match panel:
                case BoundaryPanel():
                    answer: BoundaryMapped | UnitsMapped | None = run.boundary
                case UnitsPanel():
                    answer = run.units
                case _:
                    continue
            wish = panel.wish() if panel.is_on_screen and panel.size else None
            if wish is None:
                continue
            wait = self._looks[type(panel)].wait(wish, run, answer, monotonic())
            if wait == 0:
                self._send(wish)
            else:
                soonest = min(soonest, wait)
        self._ask_in(soonest)

    def next_points(self) -> None:
        """The points of the next split, and at last none."""
        panel = self.query_one(BoundaryPanel)
        panel.split = (panel.split + 1) % len(SPLITS)
        self.ask()

    def next_layer(self) -> None:
        """The units of the next layer."""
        panel = self.query_one(UnitsPanel)
        if not panel.is_on_screen:
            self.say(f"the units are on another page ({panel.key('view.page')})")
        elif not panel.next_layer():
            self.say("the network has only one layer")
        self.ask()

    def turn_units(self, direction: int) -> None:
        """The next units of the layer, or those before."""
        panel = self.query_one(UnitsPanel)
        if not panel.is_on_screen:
            self.say(f"the units are on another page ({panel.key('view.page')})")
        elif not panel.turn(direction):
            self.say("all units of the layer are in view")
        self.ask()

    def toggle_axes(self) -> None:
        """Nothing to choose here."""
        self.say("the axes of the plane are linear")
