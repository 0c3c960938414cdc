"""The learning rate over the run, as the schedule and the user set it."""

from collections.abc import Sequence

from tui_nn.panels.curve_panel import CurvePanel, Line
from tui_nn.plots import Scale
from tui_nn.run_state import RunState


class LearningRatePanel(CurvePanel):
    """What a step was scaled with: the hyperparameter times its schedule."""

    title = "Learning rate"
    every = 4

    scale: Scale = "log"

    def lines(self, run: RunState) -> Sequence[Line]:
        before = run.before
        return (Line(run.learning_rates, "change", "rate", before and before.learning_rates, noisy=False),)
