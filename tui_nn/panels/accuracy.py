"""Accuracy over the run."""

import numpy as np

from tui_nn.panels.marks import marks
from tui_nn.panels.panel import Panel
from tui_nn.plots import Curve, Row, line_plot
from tui_nn.run_state import RunState

LATE = 0.1
"""Share of the run whose least accuracy is not the foot of the axis: the rise at the start would hide the rest."""


class AccuracyPanel(Panel):
    """Share of right answers, in percent: in training (with dropout, as it happened) and on the validation split.

    Where the answers are numbers: the root of the mean square error, in their own unit.
    """

    title = "Accuracy %"

    whole = False

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if run.started is not None and run.started.target:
            return self._draw_errors(run, width, height)
        self.title = type(self).title
        train, validation = run.train_accuracy, run.validation_accuracy
        curves = [
            Curve(train.step, train.mean * 100, "train", "train", train.low * 100, train.high * 100),
            Curve(validation.step, validation.mean * 100, "validation", "validation"),
        ]
        foot = 0.0 if self.whole else _foot(curves, run.step)
        self.subtitle = f"from {foot:g} %" if foot else ""
        return line_plot(
            curves, width, height, marks=marks(run), glyphs=self.glyphs, y_range=(foot, 100.0) if foot else None
        )

    def _draw_errors(self, run: RunState, width: int, height: int) -> list[Row]:
        assert run.started is not None
        self.title = f"Error of {run.started.target}"
        self.subtitle = "root mean square"
        train, validation = run.train_rmse, run.validation_rmse
        curves = [
            Curve(train.step, train.mean, "train", "train", train.low, train.high),
            Curve(validation.step, validation.mean, "validation", "validation"),
        ]
        values = np.concatenate([curve.y for curve in curves])
        top = float(np.nanmax(values)) if self.whole and np.isfinite(values).any() else np.nan
        return line_plot(curves, width, height, marks=marks(run), glyphs=self.glyphs, y_range=(0.0, top))


def _foot(curves: list[Curve], step: int) -> float:
    """The tens below all that is drawn of the late part; 0 where that is less than half of the axis away."""
    late = [curve.y[curve.x >= LATE * step] for curve in curves]
    values = np.concatenate(late) if late else np.empty(0)
    least = float(np.nanmin(values)) if np.isfinite(values).any() else 0.0
    foot = np.floor(least / 10) * 10
    return float(min(foot, 95)) if foot >= 50 else 0.0
