"""Curves over steps, with axes, a legend and marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tui_nn.plots.axis import LARGEST, Limits, Scale, linear_limits, log_limits, place_ticks, widened
from tui_nn.plots.canvas import Canvas, repeat
from tui_nn.plots.frame import (
    LegendEntry,
    Mark,
    draw_change_lines,
    draw_legend,
    draw_x_axis,
    draw_y_axis,
    gutter_width,
)
from tui_nn.plots.raster import DOTS, BoolArray, View, cells, dots, trace
from tui_nn.plots.spans import BLANK, CodeArray, FloatArray, Glyphs, Row, one_cell

KEYS: dict[Glyphs, str] = {"braille": "━", "block": "▄", "ascii": "*o+x#@%&"}
"""How the legend shows a curve; in ASCII a character for the first, second, ... curve, as it is drawn."""


class Curve(NamedTuple):
    """y over x, x ascending; low and high: the least and the greatest value behind each mean y.

    Without them each column of dots shows its minimum to maximum. With them the line is the column's mean and
    the range around it is dotted, in the role "<role>-range". A NaN is a gap.
    """

    x: FloatArray
    y: FloatArray
    role: str
    label: str
    low: FloatArray | None = None
    high: FloatArray | None = None


def line_plot(
    curves: Sequence[Curve],
    width: int,
    height: int,
    *,
    scale: Scale = "linear",
    marks: Sequence[Mark] = (),
    glyphs: Glyphs = "braille",
    x_range: Limits | None = None,
    y_range: Limits | None = None,
    x_label: str = "step",
) -> list[Row]:
    """The curves, later ones on top, in exactly `height` rows of `width` cells.

    Limits that are not given follow the data in steps. A log scale leaves out values <= 0. From 7 rows on the
    legend has a row of its own, below that it shows only where the top row is free; the x axis needs 4 rows.
    """
    canvas = Canvas(width, height)
    if width < 1 or height < 1:
        return canvas.rows()
    with np.errstate(all="ignore"):
        curves = [_prepared(curve, scale) for curve in curves]
        x_limits = _x_limits(curves, x_range)
        y_limits = _y_limits(curves, x_limits, y_range, scale)
        x_label = one_cell(x_label, glyphs)
        across, down = DOTS[glyphs]
        top = 1 if height >= 7 and curves else 0
        rows = height - top - (2 if height >= 4 else 0)
        y_ticks = place_ticks(y_limits, rows, down, scale=scale, horizontal=False)
        left = gutter_width(y_ticks, width, x_label)
        view = View(x_limits, y_limits, scale, (width - left) * across, rows * down)

        if height >= 4:
            draw_x_axis(canvas, top + rows, left, view, marks, glyphs, x_label)
        draw_y_axis(canvas, top, rows, left, y_ticks, glyphs)
        draw_change_lines(canvas, top, rows, left, marks, view, glyphs)
        _draw_curves(canvas, top, left, curves, view, glyphs)
        entries = [
            LegendEntry(_key(index, glyphs), curve.label, float(curve.y[-1]) if curve.y.size else None, curve.role)
            for index, curve in enumerate(curves)
        ]
        draw_legend(canvas, 0 if top else left + 1, width, entries, glyphs)
    return canvas.rows()


def _prepared(curve: Curve, scale: Scale) -> Curve:
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


def _positive(values: FloatArray, otherwise: FloatArray) -> FloatArray:
    if values.size and np.fmin.reduce(values) > 0:
        return values
    return np.where(values > 0, values, otherwise)


def _x_limits(curves: Sequence[Curve], given: Limits | None) -> Limits:
    if given is not None:
        return widened(*given)
    low, high = _bounds([curve.x[[0, -1]] for curve in curves if curve.x.size])
    if low == high:
        # A run that has just begun: room for its next steps rather than a neighbourhood of the first.
        return linear_limits(min(low, 0.0), max(high, 10.0))
    return linear_limits(low, high)


def _y_limits(curves: Sequence[Curve], x_limits: Limits, given: Limits | None, scale: Scale) -> Limits:
    if given is not None and all(map(math.isfinite, given)):
        low, high = widened(*given)
        if scale == "linear" or low > 0:
            return low, high
    shown: list[FloatArray] = []
    for curve in curves:
        start, end = np.searchsorted(curve.x, x_limits[0]), np.searchsorted(curve.x, x_limits[1], side="right")
        shown += [values[start:end] for values in (curve.y, curve.low, curve.high) if values is not None]
    return log_limits(*_bounds(shown)) if scale == "log" else linear_limits(*_bounds(shown))


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


def _draw_curves(canvas: Canvas, top: int, left: int, curves: Sequence[Curve], view: View, glyphs: Glyphs) -> None:
    """Ranges first, so that they are left only in cells without a line; lines that meet in a cell share its dots."""
    lines = [dots(trace(c.x, c.y, c.y, view, mean=c.low is not None), view.rows) for c in curves]
    union = np.zeros((view.rows, view.columns), dtype=np.bool_)
    for line in lines:
        union |= line
    shared = cells(union, glyphs)
    for curve in curves:
        if curve.low is not None and curve.high is not None:
            around = _lightened(dots(trace(curve.x, curve.low, curve.high, view), view.rows), glyphs)
            canvas.paint(top, left, around, f"{curve.role}-range")
    for index, (line, curve) in enumerate(zip(lines, curves, strict=True)):
        own = cells(line, glyphs, _key(index, glyphs))
        canvas.paint(top, left, own if glyphs == "ascii" else np.where(own == BLANK, own, shared), curve.role)


def _lightened(mask: BoolArray, glyphs: Glyphs) -> CodeArray:
    """A range in characters lighter than a line, so that the two differ without colours as well."""
    if glyphs != "braille":
        return repeat("." if glyphs == "ascii" else "░", cells(mask, glyphs) != BLANK)
    mask[::2, ::2] = mask[1::2, 1::2] = False
    return cells(mask, glyphs)


def _key(index: int, glyphs: Glyphs) -> str:
    return KEYS[glyphs][index % len(KEYS[glyphs])]
