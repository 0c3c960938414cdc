"""The dashboard: how the run goes, in curves and bars."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from engine.training.commands import Rewind
from engine.training.events import RunRewound
from tui_nn.curve_view import CurveView
from tui_nn.panels.accuracy import AccuracyPanel
from tui_nn.panels.curve_panel import CurvePanel, extent_of
from tui_nn.panels.figures import FiguresPanel
from tui_nn.panels.gradient_norm import GradientNormPanel
from tui_nn.panels.gradient_norms import GradientNormsPanel
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.learning_rate import LearningRatePanel
from tui_nn.panels.loss import LossPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.prediction import PredictionPanel
from tui_nn.panels.speed import SpeedPanel
from tui_nn.panels.update_ratio import UpdateRatioPanel
from tui_nn.panels.verdicts import VerdictsPanel
from tui_nn.panels.weight_histogram import WeightHistogramPanel
from tui_nn.placing import Layout
from tui_nn.plots import Limits
from tui_nn.run_state import RunState
from tui_nn.screens.layouts import DASHBOARD
from tui_nn.screens.run_screen import RunScreen

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


class DashboardScreen(RunScreen):
    """Where a run is watched and steered. Its curves share one view, `curves`."""

    NAME = "dashboard"
    LAYOUTS: ClassVar[tuple[Layout, ...]] = DASHBOARD
    MAIN = "loss"

    def __init__(self) -> None:
        super().__init__()
        self.curves = CurveView()
        self._attempt = 0
        self._went_back: RunRewound | None = None
        self._curves_moved = False

    def make_panels(self) -> Sequence[Panel]:
        return (
            LossPanel(id="loss"),
            AccuracyPanel(id="accuracy"),
            PredictionPanel(id="prediction"),
            GradientNormsPanel(id="gradient-norms"),
            WeightHistogramPanel(id="weights"),
            HyperparametersPanel(id="hyperparameters"),
            FiguresPanel(id="figures"),
            VerdictsPanel(id="verdicts"),
            LearningRatePanel(id="learning-rate"),
            GradientNormPanel(id="gradient-norm"),
            UpdateRatioPanel(id="update-ratio"),
            SpeedPanel(id="speed"),
        )

    def on_mount(self) -> None:
        for panel in self.panels:
            if isinstance(panel, CurvePanel):
                panel.view = self.curves

    def show(self, run: RunState, *, whole: bool = True) -> None:
        self._follow(run)
        super().show(run, whole=whole)

    def answer(self, run: RunState) -> None:
        super().answer(run)
        if self._follow(run) and self.is_mounted:
            self._show_curves()  # not left to their frame: R would be refused for a cursor that is still seen

    def _follow(self, run: RunState) -> bool:
        """Let go of what was looked at and is there no more; whether there was such a thing."""
        restarted, back, cursor = run.attempt != self._attempt, run.went_back, self.curves.cursor
        # By the event, not by the step: a fast run is soon where it was.
        gone = back is not None and back is not self._went_back and cursor is not None and cursor >= back.step
        self._attempt, self._went_back = run.attempt, back
        if restarted:
            self.curves.restart()
        if gone:
            self.curves.clear()
        return restarted or gone

    def look(self, change: Callable[[CurveView, Limits, float], None]) -> None:
        """Change the view of the curves: change(view, the run's first and last step, steps a cell)."""
        areas = [panel.area for panel in self.query(CurvePanel) if panel.is_on_screen and panel.area is not None]
        if not areas:
            self.say(f"the curves are on another page ({self.panels[0].key('view.page')})")
            return
        change(self.curves, extent_of(self.run_state), areas[0].step)
        if self.curves.cursor is not None:
            self.curves.cursor = min(self.curves.cursor, self.run_state.step)
        self._show_curves()

    def rewind(self) -> None:
        """Take the run back to where the cursor is."""
        if self.curves.cursor is None:
            self.say(f"no cursor to go back to: {self.key('plot.earlier')} or a click on a curve places one")
        else:
            cast("TuiNN", self.app).send(Rewind(int(self.curves.cursor)))

    def toggle_before(self) -> None:
        """With the run before the restart, or what the run went back from; or without."""
        if self.run_state.before is None:
            self.say(f"there is no run before this one: {self.panels[0].key('training.restart')} restarts")
            return
        self.curves.before = not self.curves.before
        self._show_curves()

    def on_curve_panel_moved(self) -> None:
        # Once for all moves of a drag that have come by then.
        if not self._curves_moved:
            self._curves_moved = True
            self.call_later(self._show_curves)

    def _show_curves(self) -> None:
        self._curves_moved = False
        self._bring_up_to_date([panel for panel in self.panels if isinstance(panel, CurvePanel)])

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
