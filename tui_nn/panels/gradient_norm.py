"""The norm of the whole gradient over the run."""

from collections.abc import Sequence

from tui_nn.panels.curve_panel import CurvePanel, Line
from tui_nn.plots import Scale
from tui_nn.run_state import RunState


class GradientNormPanel(CurvePanel):
    """The root of the sum of all squared gradients, all layers together; its extremes behind it."""

    title = "Gradient norm"
    every = 4
    about = "all layers"

    scale: Scale = "log"

    def lines(self, run: RunState) -> Sequence[Line]:
        before = run.before
        return (Line(run.gradient_norm, "bar", "norm", before and before.gradient_norm, ranged=True),)
