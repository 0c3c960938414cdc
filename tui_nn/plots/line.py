"""Curves over steps, with axes, a legend, marks and a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tui_nn.plots.axis import Limits, Scale, place_ticks
from tui_nn.plots.canvas import Canvas, repeat
from tui_nn.plots.curve import Curve, prepared, reading, x_limits, y_limits
from tui_nn.plots.frame import (
    LegendEntry,
    Mark,
    draw_change_lines,
    draw_cursor,
    draw_legend,
    draw_x_axis,
    draw_y_axis,
    gutter_width,
)
from tui_nn.plots.not_finite import draw_infinities, draw_missing
from tui_nn.plots.raster import DOTS, BoolArray, View, cells, dots, trace
from tui_nn.plots.spans import BLANK, CodeArray, Glyphs, Row, one_cell

PENS = "*o+x#@%&"
"""In ASCII a character for the first, second, ... line."""
RAW_PEN, BEFORE_PEN = "-", "~"

LINE_KEYS: dict[Glyphs, str] = {"braille": "━", "block": "▄"}
BEFORE_KEYS: dict[Glyphs, str] = {"braille": "╍", "block": "▄"}
DOTTED_KEYS: dict[Glyphs, str] = {"braille": "┄", "block": "▖"}
"""How the legend shows a line, and one of an earlier run; in ASCII it is the character that draws it."""

DASH, PERIOD = 4, 6
"""Dots of a dash, and from one to the next."""


class Area(NamedTuple):
    """Where a plot's curves stand: from which cell on, in how many of them, from which x to which."""

    left: int
    columns: int
    x: Limits

    @property
    def step(self) -> float:
        """How far two cells are apart."""
        return (self.x[1] - self.x[0]) / max(self.columns, 1)

    def at(self, cell: int) -> float:
        """The x in the middle of a cell, those beyond the curves taken for the last ones."""
        place = min(max(cell - self.left, 0), max(self.columns - 1, 0))
        return self.x[0] + (place + 0.5) * self.step

    def holds(self, cell: int) -> bool:
        """Whether curves are drawn there."""
        return 0 <= cell - self.left < self.columns


class Picture(NamedTuple):
    """A plot, and where its curves stand on it; None where there is no room for any."""

    rows: list[Row]
    area: Area | None


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
    cursor: float | None = None,
    coloured: bool = True,
) -> Picture:
    """The curves, later ones on top, in exactly `height` rows of `width` cells.

    Limits that are not given follow the data in steps. A log scale leaves out values <= 0. From 7 rows on the
    legend has a row of its own, below that it shows only where the top row is free; the x axis needs 4 rows. With a
    cursor the legend tells what each curve is in its column instead of the latest values. Where no colour tells lines
    apart (`coloured` False) the second one is dotted.
    """
    canvas = Canvas(width, height)
    if width < 1 or height < 1:
        return Picture(canvas.rows(), None)
    with np.errstate(all="ignore"):
        originals, curves = curves, [prepared(curve, scale) for curve in curves]
        x = x_limits(curves, x_range)
        y = y_limits(curves, x, y_range, scale)
        x_label = one_cell(x_label, glyphs)
        across, down = DOTS[glyphs]
        top = 1 if height >= 7 and curves else 0
        rows = height - top - (2 if height >= 4 else 0)
        y_ticks = place_ticks(y, rows, down, scale=scale, horizontal=False)
        left = gutter_width(y_ticks, width, x_label)
        view = View(x, y, scale, (width - left) * across, rows * down)
        column = view.cell(cursor, across) if cursor is not None else None

        if height >= 4:
            draw_x_axis(canvas, top + rows, left, view, marks, glyphs, x_label, cursor)
            draw_missing(canvas, top + rows, left, originals, view, glyphs)
        draw_y_axis(canvas, top, rows, left, y_ticks, glyphs)
        draw_change_lines(canvas, top, rows, left, marks, view, glyphs)
        _draw_behind(canvas, top, left, curves, view, glyphs)
        if column is not None:
            draw_cursor(canvas, top, rows, left + column, glyphs)
        _draw_front(canvas, top, left, curves, view, glyphs, coloured)
        draw_infinities(canvas, top, rows, left, curves, view, glyphs)
        entries = _entries(curves, view.span(column, across) if column is not None else None, glyphs, coloured)
        draw_legend(canvas, 0 if top else left + 1, width, entries, glyphs)
    return Picture(canvas.rows(), Area(left, width - left, x))


def _draw_behind(canvas: Canvas, top: int, left: int, curves: Sequence[Curve], view: View, glyphs: Glyphs) -> None:
    """Ranges, then what was smoothed, then the run before: each covers what is less to be read."""
    for curve in curves:
        if curve.low is not None and curve.high is not None:
            around = _lightened(dots(trace(curve.x, curve.low, curve.high, view), view.rows), glyphs)
            canvas.paint(top, left, around, f"{curve.role}-range")
    for layer, pen in (("raw", RAW_PEN), ("before", BEFORE_PEN)):
        for curve in curves:
            if curve.layer == layer:
                line = _line(curve, view)
                if layer == "before":
                    line[:, np.arange(view.columns) % PERIOD >= DASH] = False
                canvas.paint(top, left, cells(line, glyphs, pen), curve.role)


def _draw_front(
    canvas: Canvas, top: int, left: int, curves: Sequence[Curve], view: View, glyphs: Glyphs, coloured: bool
) -> None:
    """Lines that meet in a cell share its dots."""
    front = [curve for curve in curves if curve.layer == "front"]
    lines = [_line(curve, view) for curve in front]
    if not coloured and glyphs != "ascii":
        for line in lines[1::2]:
            line[:, 1::2] = False
    union = np.zeros((view.rows, view.columns), dtype=np.bool_)
    for line in lines:
        union |= line
    shared = cells(union, glyphs)
    for index, (line, curve) in enumerate(zip(lines, front, strict=True)):
        own = cells(line, glyphs, _pen(index))
        alone = glyphs == "ascii" or not coloured
        canvas.paint(top, left, own if alone else np.where(own == BLANK, own, shared), curve.role)


def _line(curve: Curve, view: View) -> BoolArray:
    return dots(trace(curve.x, curve.y, curve.y, view, mean=curve.low is not None), view.rows)


def _lightened(mask: BoolArray, glyphs: Glyphs) -> CodeArray:
    """A range in characters lighter than a line, so that the two differ without colours as well."""
    if glyphs != "braille":
        return repeat("." if glyphs == "ascii" else "░", cells(mask, glyphs) != BLANK)
    mask[::2, ::2] = mask[1::2, 1::2] = False
    return cells(mask, glyphs)


def _entries(curves: Sequence[Curve], place: Limits | None, glyphs: Glyphs, coloured: bool) -> list[LegendEntry]:
    """The legend: what each curve is between two x, or its latest value; of a run before, what it was by then."""
    latest = max((curve.x[-1] for curve in curves if curve.layer == "front" and curve.x.size), default=np.inf)
    entries: list[LegendEntry] = []
    behind: list[LegendEntry] = []
    index = 0
    for curve in curves:
        pen = BEFORE_PEN if curve.layer == "before" else _pen(index)
        keys = BEFORE_KEYS if curve.layer == "before" else DOTTED_KEYS if index % 2 and not coloured else LINE_KEYS
        index += curve.layer == "front"
        if not curve.label:
            continue
        key = keys.get(glyphs, pen)
        if place is not None:
            read = reading(curve, *place)
        elif curve.layer == "before":
            read = reading(curve, latest, float(np.nextafter(latest, np.inf)))
        else:
            read = reading(curve, np.inf, np.inf)
        minor = curve.layer == "before"
        (behind if minor else entries).append(LegendEntry(key, curve.label, read, curve.role, place is not None, minor))
    return entries + behind


def _pen(index: int) -> str:
    return PENS[index % len(PENS)]
