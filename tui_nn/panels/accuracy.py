"""Accuracy over the run."""

from collections.abc import Sequence

import numpy as np

from tui_nn.panels.curve_panel import CurvePanel, Line
from tui_nn.plots import Curve, Limits, Row
from tui_nn.run_state import RunState

LATE = 0.1
"""Share of the run whose least accuracy is not the foot of the axis: the rise at the start would hide the rest."""


class AccuracyPanel(CurvePanel):
    """Share of right answers, in percent: in training (with dropout, as it happened) and on the validation split.

    Where the answers are numbers: the root of the mean square error, in their own unit.
    """

    title = "Accuracy %"
    every = 2

    whole = False

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        target = run.started.target if run.started is not None else ""
        self.title = f"Error of {target}" if target else type(self).title
        self.about = "root mean square" if target else ""
        return super().draw(run, width, height)

    def lines(self, run: RunState) -> Sequence[Line]:
        before = run.before
        if run.started is not None and run.started.target:
            return (
                Line(run.train_rmse, "train", "train", before and before.train_rmse),
                Line(run.validation_rmse, "validation", "validation", before and before.validation_rmse, noisy=False),
            )
        return (
            Line(run.train_accuracy, "train", "train", before and before.train_accuracy, factor=100),
            Line(
                run.validation_accuracy,
                "validation",
                "validation",
                before and before.validation_accuracy,
                noisy=False,
                factor=100,
            ),
        )

    def y_range(self, curves: Sequence[Curve], shown: Limits, run: RunState) -> Limits | None:
        now = [curve for curve in curves if curve.layer != "before"]
        if run.started is not None and run.started.target:
            values = np.concatenate([curve.y for curve in now])
            finite = values[np.isfinite(values)]
            return (0.0, float(finite.max())) if self.whole and finite.size else None
        if self.view.window is not None and not self.whole:
            return None  # closer to see small differences
        foot = 0.0 if self.whole else _foot(now, run.step)
        self.about = f"from {foot:g} %" if foot else ""
        return (foot, 100.0) if foot else None


def _foot(curves: Sequence[Curve], step: int) -> float:
    """The tens below all that is drawn of the late part; 0 where that is less than half of the axis away."""
    late = [curve.y[curve.x >= LATE * step] for curve in curves]
    values = np.concatenate(late) if late else np.empty(0)
    finite = values[np.isfinite(values)]
    foot = np.floor(finite.min() / 10) * 10 if finite.size else 0.0
    return float(min(foot, 95)) if foot >= 50 else 0.0
