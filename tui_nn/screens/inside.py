"""The screen that looks inside one digit: what speaks for the answer, how it came, and how little would change it."""

from collections.abc import Callable, Sequence
from math import inf
from time import monotonic
from typing import ClassVar

from engine.training import commands as c
from engine.training.events import RunStarted
from tui_nn.look import Look
from tui_nn.panels.digit_maps import DigitMapsPanel
from tui_nn.panels.digit_sliders import DigitSlidersPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.prediction_path import PredictionPathPanel
from tui_nn.panels.saliency import SaliencyPanel
from tui_nn.panels.templates import TemplatesPanel
from tui_nn.panels.varied_digit import VariedDigitPanel
from tui_nn.placing import Layout
from tui_nn.screens.layouts import INSIDE
from tui_nn.screens.side_screen import SideScreen

VARY_S, EXPLAIN_S = 0.5, 1.0
"""Between two looks at the same picture."""

BETWEEN_S, BETWEEN_EXPLAINED_S = 0.04, 0.2
"""Between two looks at one that changes with every key."""


class InsideScreen(SideScreen):
    """The sample of the dashboard with sliders that change it, saliency, path, templates and activation maps."""

    NAME = "inside"
    LAYOUTS: ClassVar[tuple[Layout, ...]] = INSIDE
    MAIN = "varied"
    TOO_EARLY = "there is a digit to look inside when the run has begun"

    def __init__(self, send: Callable[[c.AnyCommand], None]) -> None:
        super().__init__(send)
        self._looks = Look(VARY_S, BETWEEN_S), Look(EXPLAIN_S, BETWEEN_EXPLAINED_S)
        self._asked_for: object = None

    @staticmethod
    def lacks(started: RunStarted) -> str:
        return "" if started.pictures else f"{started.dataset} has no pictures of classes to look inside"

    def make_panels(self) -> Sequence[Panel]:
        self._sliders, self._maps = DigitSlidersPanel(id="sliders"), DigitMapsPanel(id="maps")
        self._templates = TemplatesPanel(id="templates")
        self._of_variation = VariedDigitPanel(id="varied"), self._sliders
        self._of_explanation = (
            SaliencyPanel(id="saliency"),
            PredictionPathPanel(id="path"),
            self._templates,
            self._maps,
        )
        return *self._of_variation, *self._of_explanation

    def ask(self) -> None:
        """Have the picture looked at, as it is changed now; see to it when that is too early."""
        run = self.run_state
        if not self._may_ask:
            return
        if run.prediction is None:
            if self._asked_for is not run.started:
                self._asked_for = run.started
                self._send(c.PredictDigit())
            return
        index, variation, now = run.prediction.index, self._sliders.variation, monotonic()
        maps, layers = self._maps.wish() if self._maps.is_on_screen else (None, (0, 0))
        templates = self._templates.wish() if self._templates.is_on_screen else None
        wishes: tuple[c.AnyCommand, ...] = (
            c.VaryDigit(index, variation),
            c.ExplainDigit(index, variation, templates, maps, layers),
        )
        shown: tuple[tuple[Panel, ...], ...] = self._of_variation, self._of_explanation
        soonest = inf
        for panels, look, wish, answer in zip(shown, self._looks, wishes, (run.varied, run.explanation), strict=True):
            if not any(panel.is_on_screen for panel in panels):
                continue
            wait = look.wait(wish, run, answer, now, about=run.network)
            if wait == 0:
                self._send(wish)
            else:
                soonest = min(soonest, wait)
        self._ask_in(soonest)

    def choose_slider(self, direction: int) -> None:
        """The slider above or below."""
        self._sliders.choose(direction)
        self._moved()

    def move_slider(self, direction: int) -> None:
        """The chosen slider by one step."""
        if not self._sliders.move(direction):
            self.say("that is the end of the slider")
        self._moved()

    def reset_sliders(self) -> None:
        """The picture as it is."""
        self._sliders.reset()
        self._moved()

    def next_layer(self) -> None:
        """The maps of the layers that have no room."""
        if not self._maps.is_on_screen:
            self.say(f"the maps are on another page ({self._maps.key('view.page')})")
        elif not self._maps.next_layers():
            self.say("all layers are in view")
        self.ask()

    def turn_units(self, direction: int) -> None:
        """The next page of the chosen panel's pictures, or of all that have more."""
        self._turn((self._templates, self._maps), direction, "pictures")

    def toggle_axes(self) -> None:
        """Nothing to choose here."""
        self.say("there are no axes here")

    def on_digit_sliders_panel_moved(self) -> None:
        self._moved()

    def _moved(self) -> None:
        self._bring_up_to_date([self._sliders])
        self.ask()
