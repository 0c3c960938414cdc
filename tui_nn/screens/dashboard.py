"""The dashboard: how the run goes, in curves and bars."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Static

from tui_nn.panels.accuracy import AccuracyPanel
from tui_nn.panels.gradient_norms import GradientNormsPanel
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.loss import LossPanel
from tui_nn.panels.prediction import PredictionPanel
from tui_nn.panels.status import StatusPanel
from tui_nn.panels.weight_histogram import WeightHistogramPanel
from tui_nn.screens.run_screen import RunScreen


class DashboardScreen(RunScreen):
    """Where a run is watched and steered."""

    def compose(self) -> ComposeResult:
        yield Static(id="too-small")
        yield StatusPanel(id="status")
        with Horizontal(id="panels"):
            with Vertical(id="left"):
                yield LossPanel(id="loss")
                yield AccuracyPanel(id="accuracy")
                yield PredictionPanel(id="prediction")
            with Vertical(id="right"):
                yield GradientNormsPanel(id="gradient-norms")
                yield WeightHistogramPanel(id="weights")
                yield HyperparametersPanel(id="hyperparameters")
        yield Footer(show_command_palette=False, compact=True)

    def toggle_axes(self) -> None:
        """Axes that show late, small differences, or linear ones from the start."""
        loss, accuracy = self.query_one(LossPanel), self.query_one(AccuracyPanel)
        loss.scale = "linear" if loss.scale == "log" else "log"
        accuracy.whole = not accuracy.whole
        loss.show(self.run_state)
        accuracy.show(self.run_state)

    def next_layer(self) -> None:
        """Scroll the histograms."""
        panel = self.query_one(WeightHistogramPanel)
        if not panel.is_on_screen:
            self.say("the weights are on the other page (v)")
        elif panel.scrolls:
            panel.first += 1
            panel.show(self.run_state)
        else:
            self.say("all layers are in view")
