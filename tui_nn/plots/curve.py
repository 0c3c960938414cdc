"""A curve: what it holds, how it is made ready to be drawn, what it reads at a place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from tui_nn.plots.axis import LARGEST, Limits, Scale, linear_limits, log_limits, widened
from tui_nn.plots.spans import FloatArray

LOWER = 0.5
"""How far below the lines, in parts of their height, a log axis goes for the least values behind them."""


class Curve(NamedTuple):
    """y over x, x ascending; low and high: the least and the greatest value behind each mean y.

    Without them each column of dots shows its minimum to maximum. With them the line is the column's mean and
    the range around it is dotted, in the role "<role>-range". A NaN is a gap. Without a label it is not in the legend.

    In front are lines; behind them what a smoothed one was made of ("raw", thinned out) and an earlier run ("before",
    dashed), which moves the axis of y by no more than the height that the others have.
    """

    x: FloatArray
    y: FloatArray
    role: str
    label: str
    low: FloatArray | None = None
    high: FloatArray | None = None
    layer: Literal["front", "raw", "before"] = "front"


class Reading(NamedTuple):
    """The mean of a curve in a column, and the extremes behind it; NaN where there are none of its own."""

    mean: float
    low: float
    high: float


def reading(curve: Curve, start: float, end: float) -> Reading | None:
    """What stands between two x, or else stood last before them; None where nothing did, and after an earlier run."""
    first, last = int(np.searchsorted(curve.x, start)), int(np.searchsorted(curve.x, end))
    if first == last:
        if first == 0 or (curve.layer == "before" and first == curve.x.size):
            return None
        first -= 1
    y = curve.y[first:last]
    known = y[y == y]
    mean = float(known.mean()) if known.size else math.nan
    if curve.low is None or curve.high is None:
        return Reading(mean, math.nan, math.nan)
    return Reading(mean, float(np.fmin.reduce(curve.low[first:last])), float(np.fmax.reduce(curve.high[first:last])))


def prepared(curve: Curve, scale: Scale) -> Curve:
    """Float arrays in order of x, with NaN for what cannot be drawn; low and high both or neither."""
    x, y = np.asarray(curve.x, dtype=np.float64), np.asarray(curve.y, dtype=np.float64)
    low = y if curve.low is None else np.asarray(curve.low, dtype=np.float64)
    high = y if curve.high is None else np.asarray(curve.high, dtype=np.float64)
    placed = np.abs(x) <= LARGEST
    if not placed.all():
        x, y, low, high = x[placed], y[placed], low[placed], high[placed]
    if (x[1:] < x[:-1]).any():
        order = np.argsort(x, kind="stable")
        x, y, low, high = x[order], y[order], low[order], high[order]
    if scale == "log":
        y = _positive(y, np.full(1, np.nan))
        low, high = _positive(low, y), _positive(high, y)
    if curve.low is None and curve.high is None:
        return curve._replace(x=x, y=y)
    return curve._replace(x=x, y=y, low=low, high=high)


def x_limits(curves: Sequence[Curve], given: Limits | None) -> Limits:
    """The given limits, or else round ones around all curves."""
    if given is not None:
        return widened(*given)
    low, high = _bounds([curve.x[[0, -1]] for curve in curves if curve.x.size])
    if low == high:
        # A run that has just begun: room for its next steps rather than a neighbourhood of the first.
        return linear_limits(min(low, 0.0), max(high, 10.0))
    return linear_limits(low, high)


def y_limits(curves: Sequence[Curve], x: Limits, given: Limits | None, scale: Scale) -> Limits:
    """The given limits where the scale can show them, or else round ones around what lies between the limits of x."""
    if given is not None and all(map(math.isfinite, given)):
        low, high = widened(*given)
        if scale == "linear" or low > 0:
            return low, high
    now, earlier = _shown(curves, x), _shown(curves, x, "before")
    low, high = _bounds([values for lines in now for values in lines])
    if scale == "log":
        # Single batches have next to no loss now and then: seen, but not at the cost of the lines.
        lowest, highest = _bounds([lines[0] for lines in now])
        low = max(low, lowest / max(highest / lowest, 2.0) ** LOWER) if lowest == lowest else low
    least, greatest = _bounds([values for lines in earlier for values in lines])
    if math.isnan(low):
        low, high = least, greatest
    elif least == least:
        # One that diverged before must not press the present one flat.
        furthest_low, furthest_high = _tripled(low, high, scale)
        low, high = min(low, max(least, furthest_low)), max(high, min(greatest, furthest_high))
    return log_limits(low, high) if scale == "log" else linear_limits(low, high)


def _tripled(low: float, high: float, scale: Scale) -> Limits:
    if scale == "log":
        factor = max(high / low, 2.0)
        return low / factor, high * factor
    span = max(high - low, abs(high) / 2)
    return low - span, high + span


def _shown(curves: Sequence[Curve], x: Limits, layer: str = "front") -> list[list[FloatArray]]:
    """y, low and high of each curve between the limits; beside them where a line only passes through."""
    shown: list[list[FloatArray]] = []
    for curve in curves:
        if (curve.layer == "before") != (layer == "before"):
            continue
        start, end = int(np.searchsorted(curve.x, x[0])), int(np.searchsorted(curve.x, x[1], side="right"))
        if start == end:
            start, end = max(start - 1, 0), end + 1
        shown.append([values[start:end] for values in (curve.y, curve.low, curve.high) if values is not None])
    return shown


def _positive(values: FloatArray, otherwise: FloatArray) -> FloatArray:
    if values.size and np.fmin.reduce(values) > 0:
        return values
    return np.where(values > 0, values, otherwise)


def _bounds(arrays: Sequence[FloatArray]) -> Limits:
    """The least and the greatest number of all arrays, infinities aside; NaN if there is none."""
    low, high = math.inf, -math.inf
    for values in arrays:
        if not values.size:
            continue
        least, greatest = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
        if not (least >= -LARGEST and greatest <= LARGEST):
            numbers = values[np.abs(values) <= LARGEST]
            least, greatest = (float(numbers.min()), float(numbers.max())) if numbers.size else (math.inf, -math.inf)
        low, high = min(low, least), max(high, greatest)
    return (low, high) if low <= high else (math.nan, math.nan)
