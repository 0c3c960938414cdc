"""What a study can draw and compare: figures by name, and their mean and spread over seeds."""

from collections.abc import Sequence
from math import isfinite, nan
from statistics import fmean, stdev
from typing import Literal, NamedTuple


class Figure(NamedTuple):
    """What a figure is called, which way is better ("" where neither is), and how it is written and drawn."""

    label: str
    better: Literal["higher", "lower", ""] = "lower"
    percent: bool = False
    log: bool = False

    def text(self, value: float) -> str:
        """The value as it is written: 95.2 %, 0.0312."""
        if self.percent:
            return f"{value:.1%}".replace("%", " %")
        return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


CURVES = {
    "train_loss": Figure("training loss", log=True),
    "train_accuracy": Figure("training accuracy", "higher", percent=True),
    "validation_loss": Figure("validation loss", log=True),
    "validation_accuracy": Figure("validation accuracy", "higher", percent=True),
    "train_rmse": Figure("training error", log=True),
    "validation_rmse": Figure("validation error", log=True),
    "bias_gradient": Figure("norm of the bias gradient", "", log=True),
}
"""What can be drawn: of a training by epoch or step, or (the last) of the untrained network by hidden layer.

Accuracies are of classes; rmse, the root of the mean square error in the target's unit, is of numbers.
"""

FIGURES = {
    **{name: figure for name, figure in CURVES.items() if name != "bias_gradient"},
    "test_loss": Figure("test loss"),
    "test_accuracy": Figure("test accuracy", "higher", percent=True),
    "test_rmse": Figure("test error"),
    "gap": Figure("gap"),
    "reached": Figure("reached after"),
    "steps": Figure("steps", ""),
    "seconds": Figure("seconds"),
    "ratio": Figure("last / first", ""),
}
"""What a table can have as its columns, of trained networks; `gap` is validation loss less training loss.

`ratio`, of the gradient alone: the norm of the last hidden layer over that of the first.
"""


class Spread(NamedTuple):
    """A figure over the runs of one row that have it."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """NaN where no run has the figure."""
        return fmean(self.values) if self.values else nan

    @property
    def deviation(self) -> float:
        """The sample's standard deviation, sqrt(sum (v - mean)^2 / (n - 1)); NaN for fewer than two values."""
        return stdev(self.values) if len(self.values) > 1 else nan


def spread(values: Sequence[float]) -> Spread:
    """The finite ones among the values."""
    return Spread(tuple(value for value in values if isfinite(value)))
