"""The dashboard: how the run goes, in curves and bars."""

from collections.abc import Sequence
from typing import ClassVar

from tui_nn.panels.accuracy import AccuracyPanel
from tui_nn.panels.figures import FiguresPanel
from tui_nn.panels.gradient_norms import GradientNormsPanel
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.loss import LossPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.prediction import PredictionPanel
from tui_nn.panels.weight_histogram import WeightHistogramPanel
from tui_nn.placing import Layout
from tui_nn.screens.layouts import DASHBOARD
from tui_nn.screens.run_screen import RunScreen


class DashboardScreen(RunScreen):
    """Where a run is watched and steered."""

    NAME = "dashboard"
    LAYOUTS: ClassVar[tuple[Layout, ...]] = DASHBOARD
    MAIN = "loss"

    def make_panels(self) -> Sequence[Panel]:
        return (
            LossPanel(id="loss"),
            AccuracyPanel(id="accuracy"),
            PredictionPanel(id="prediction"),
            GradientNormsPanel(id="gradient-norms"),
            WeightHistogramPanel(id="weights"),
            HyperparametersPanel(id="hyperparameters"),
            FiguresPanel(id="figures"),
        )

    def toggle_axes(self) -> None:
        """Axes that show late, small differences, or linear ones from the start."""
        loss, accuracy = self.query_one(LossPanel), self.query_one(AccuracyPanel)
        loss.scale = "linear" if loss.scale == "log" else "log"
        accuracy.whole = not accuracy.whole
        loss.show(self.run_state)
        accuracy.show(self.run_state)

    def next_layer(self) -> None:
        """Scroll the chosen panel where it can be; else the histograms."""
        panel = next((item for item in self.panels if item.id == self.arrangement.chosen), None)
        if panel is None or type(panel).scroll is Panel.scroll:
            panel = self.query_one(WeightHistogramPanel)
        if not panel.is_on_screen:
            self.say(f"the weights are on another page ({panel.key('view.page')})")
        elif panel.scroll(self.run_state):
            panel.show(self.run_state)
        else:
            self.say("all layers are in view")
