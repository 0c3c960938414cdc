"""How good a network is, in words: its accuracy, or the error of the numbers that it predicts in their own unit."""

from math import isnan
from typing import Any


def metric_text(accuracy: float, rmse: float) -> str:
    """The one that applies, "accuracy 93.10%" or "rmse 54.21"; the other is NaN."""
    return f"accuracy {accuracy:6.2%}" if isnan(rmse) else f"rmse {rmse:.4g}"


def error_text(summary: dict[str, Any]) -> str:
    """How far the numbers of the test split were missed: "test rmse of price 54.21 (R2 0.447)"."""
    return f"test rmse of {summary['target']} {summary['test_rmse']:.4g} (R2 {summary['test_r2']:.3f})"
