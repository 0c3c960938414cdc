"""The training speed over the run."""

from collections.abc import Sequence

import numpy as np

from tui_nn.panels.curve_panel import CurvePanel, Line
from tui_nn.plots import Curve, Limits, linear_limits
from tui_nn.run_state import RunState


class SpeedPanel(CurvePanel):
    """Samples a second, from report to report, pauses and evaluations left out."""

    title = "Samples a second"
    every = 4

    def lines(self, run: RunState) -> Sequence[Line]:
        before = run.before
        return (Line(run.speed, "bar", "samples/s", before and before.speed),)

    def y_range(self, curves: Sequence[Curve], shown: Limits, run: RunState) -> Limits | None:
        """From zero, or a change of a hundredth would look like one of half."""
        values = np.concatenate([curve.y[(curve.x >= shown[0]) & (curve.x <= shown[1])] for curve in curves])
        return linear_limits(0.0, float(values.max())) if values.size else None
