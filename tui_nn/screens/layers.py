"""The layers screen: what one layer holds, what reaches it and what it gives, in numbers and in pictures."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import ClassVar

from engine.training import commands as c
from engine.training.events import LayerInspected
from tui_nn.look import Look
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.layer_list import LayerListPanel
from tui_nn.panels.layer_pictures import ActivationMapsPanel, PicturesPanel, WeightPicturesPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.tally import ActivationTallyPanel, GradientTallyPanel, TallyPanel, WeightTallyPanel
from tui_nn.placing import Layout
from tui_nn.screens.layouts import LAYERS
from tui_nn.screens.side_screen import SideScreen

LOOK_S = 0.9
"""Between two looks at the same layer: calm enough to be read."""

Edges = tuple[c.Limits | None, c.Limits | None, c.Limits | None]

NO_EDGES: Edges = (None, None, None)


class LayersScreen(SideScreen):
    """A list of the layers, and all about the one that was chosen.

    Its histograms keep the edges of the first look, until another layer is chosen or a key asks for new ones.
    """

    NAME = "layers"
    LAYOUTS: ClassVar[tuple[Layout, ...]] = LAYERS
    MAIN = "layer-list"
    TOO_EARLY = "there are layers when the run has begun"

    def __init__(self, send: Callable[[c.AnyCommand], None]) -> None:
        super().__init__(send)
        self._look = Look(LOOK_S)
        self._edges = NO_EDGES
        self._renewed: LayerInspected | None = None
        self._started: object = None

    def make_panels(self) -> Sequence[Panel]:
        self._list = LayerListPanel(id="layer-list")
        return (
            self._list,
            WeightTallyPanel(id="weight-tally"),
            GradientTallyPanel(id="gradient-tally"),
            ActivationTallyPanel(id="activation-tally"),
            WeightPicturesPanel(id="weight-pictures"),
            ActivationMapsPanel(id="activation-maps"),
            HyperparametersPanel(id="hyperparameters"),
        )

    def ask(self) -> None:
        """Ask for another look at the layer, or see to it when that is too early."""
        run = self.run_state
        if not self._may_ask:
            return
        if run.started is not self._started:
            self._started, self._edges, self._renewed = run.started, NO_EDGES, None
            self._list.choose(self._list.place)
            if run.prediction is None:
                self._send(c.PredictDigit())
        self._keep_edges(run.layer)
        wish = self._wish()
        digit = run.prediction.index if run.prediction is not None else None
        wait = self._look.wait(wish, run, run.layer, monotonic(), about=digit)
        if wait == 0:
            self._send(wish)
        self._ask_in(wait)

    def step_layer(self, direction: int) -> None:
        """Look into the next layer (+1), or the one before (-1)."""
        self._choose_layer(self._list.place + direction)

    def next_layer(self) -> None:
        """Look into the next layer."""
        self.step_layer(+1)

    def on_layer_list_panel_picked(self, event: LayerListPanel.Picked) -> None:
        self._choose_layer(event.place)

    def toggle_axes(self) -> None:
        """Choose the edges of the histograms anew, for the numbers as they are now."""
        self._edges, self._renewed = NO_EDGES, self.run_state.layer
        self.say("new edges")
        self.ask()

    def turn_units(self, direction: int) -> None:
        """The next page of the chosen panel's pictures, or of all that have more."""
        self._turn([panel for panel in self.panels if isinstance(panel, PicturesPanel)], direction, "pictures")

    def choose(self, direction: int) -> None:
        """The layer above or below; with the panel of hyperparameters chosen, one of those."""
        if self.arrangement.chosen == "hyperparameters":
            super().choose(direction)
        else:
            self.step_layer(direction)

    def _choose_layer(self, place: int) -> None:
        self._list.choose(place)
        self._edges, self._renewed = NO_EDGES, None
        for panel in self.panels:
            if isinstance(panel, PicturesPanel):
                panel.first = 0
        self._list.show(self.run_state)
        if not self._list.is_on_screen and self.run_state.started is not None:
            self.say(self.run_state.started.layers[self._list.place].label)
        self.ask()

    def _keep_edges(self, event: LayerInspected | None) -> None:
        """From the first answer about this layer on, its edges stay."""
        if event is None or event.layer != self._list.place or event is self._renewed:
            return
        found = [
            (item.low, item.high) if item is not None else None
            for item in (event.weights, event.gradients, event.activations)
        ]
        weights, gradients, activations = (kept or new for kept, new in zip(self._edges, found, strict=True))
        self._edges = weights, gradients, activations

    def _wish(self) -> c.InspectLayer:
        """What fills the panels that are seen."""
        seen = [panel for panel in self.panels if panel.is_on_screen and panel.size]
        bins = [panel.bins for panel in seen if isinstance(panel, TallyPanel)]
        pictures = {type(panel): panel.wish() for panel in seen if isinstance(panel, PicturesPanel)}
        return c.InspectLayer(
            self._list.place,
            bins=min(bins, default=60),
            edges=self._edges,
            weights=pictures.get(WeightPicturesPanel),
            maps=pictures.get(ActivationMapsPanel),
        )
