"""What stands around curves: axes with their ticks, marks of events, a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from tui_nn.plots.axis import Tick, place_ticks, short_number
from tui_nn.plots.canvas import Canvas, repeat
from tui_nn.plots.curve import Reading
from tui_nn.plots.raster import DOTS, View
from tui_nn.plots.spans import Glyphs, one_cell


class Mark(NamedTuple):
    """Something that happened at x: an epoch ended, a hyperparameter changed, something was found to be wrong."""

    x: float
    kind: Literal["epoch", "change", "verdict"]


class LegendEntry(NamedTuple):
    """A curve in the legend; `exact` shows a figure more, and the extremes behind the value where there is room.

    A `minor` one is the first to lose its label.
    """

    key: str
    label: str
    read: Reading | None
    role: str
    exact: bool = False
    minor: bool = False


class Lines(NamedTuple):
    """The characters of axes and marks in a glyph set."""

    vertical: str
    horizontal: str
    corner: str
    y_tick: str
    x_tick: str
    epoch: str
    epoch_at_tick: str
    change: str
    change_line: str
    cursor: str
    dash: str


LINES: Final[dict[Glyphs, Lines]] = {
    "braille": Lines("│", "─", "└", "┤", "┬", "┴", "┼", "▲", "┊", "│", "–"),
    "block": Lines("│", "─", "└", "┤", "┬", "┴", "┼", "▲", "·", "│", "-"),
    "ascii": Lines("|", "-", "+", "+", "+", "'", "+", "^", ":", "|", "-"),
}

LABEL_WIDTH = 5
"""Cells kept for y labels even if they are shorter, so that plots above one another line up and do not jump."""
EPOCH_GAP = 3
VALUE_WIDTH, EXACT_WIDTH = 5, 6


def gutter_width(ticks: Sequence[Tick], width: int, x_label: str) -> int:
    """Cells at the left for y labels and the axis line; none if they would take more than half of the width."""
    needed = max((len(tick.label) for tick in ticks), default=0)
    roomy = max(needed, LABEL_WIDTH, len(x_label) if len(x_label) <= LABEL_WIDTH + 2 else 0)
    if width >= 30 and roomy < width // 3:
        return roomy + 1
    return needed + 1 if needed + 1 <= width // 2 else 0


def draw_y_axis(canvas: Canvas, top: int, rows: int, gutter: int, ticks: Sequence[Tick], glyphs: Glyphs) -> None:
    if not gutter:
        return
    canvas.paint(top, gutter - 1, repeat(LINES[glyphs].vertical, np.ones((rows, 1), dtype=np.bool_)), "axis")
    for tick in ticks:
        row = top + rows - 1 - tick.cell
        canvas.write(row, 0, tick.label.rjust(gutter - 1), "muted")
        canvas.write(row, gutter - 1, LINES[glyphs].y_tick, "axis")


def draw_x_axis(
    canvas: Canvas,
    row: int,
    gutter: int,
    view: View,
    marks: Sequence[Mark],
    glyphs: Glyphs,
    x_label: str,
    cursor: float | None = None,
) -> None:
    """The axis line with its marks at `row`, the labels below it; the name of x stands below the y labels.

    The cursor's step stands among the labels, in place of those that it would touch.
    """
    lines, across = LINES[glyphs], DOTS[glyphs][0]
    columns = view.columns // across
    ticks = place_ticks(view.x, columns, across, scale="linear", horizontal=True)
    place = None if cursor is None else view.cell(cursor, across)
    own, told = (0, "") if place is None or cursor is None else _cursor_label(place, columns, cursor)
    ticked = {tick.cell for tick in ticks}
    canvas.write(row, gutter - 1, lines.corner, "axis")
    canvas.write(row, gutter, lines.horizontal * columns, "axis")
    for tick in ticks:
        canvas.write(row, gutter + tick.cell, lines.x_tick, "axis")
        start = max(min(tick.cell - (len(tick.label) - 1) // 2, columns - len(tick.label)), 0)
        if not told or start > own + len(told) or start + len(tick.label) < own:
            canvas.write(row + 1, gutter + start, tick.label, "muted")
    for column in _epoch_columns(marks, view, across):
        canvas.write(row, gutter + column, lines.epoch_at_tick if column in ticked else lines.epoch, "epoch")
    for column in _columns(marks, "verdict", view, across):
        canvas.write(row, gutter + column, "!", "bad")
    for column in _columns(marks, "change", view, across):
        canvas.write(row, gutter + column, lines.change, "change")
    if place is not None:
        canvas.write(row, gutter + place, lines.cursor, "cursor")
        canvas.write(row + 1, gutter + own, told, "cursor")
    if len(x_label) < gutter:
        canvas.write(row + 1, 0, x_label.rjust(gutter - 1), "muted")


def draw_change_lines(
    canvas: Canvas, top: int, rows: int, left: int, marks: Sequence[Mark], view: View, glyphs: Glyphs
) -> None:
    dotted = repeat(LINES[glyphs].change_line, np.ones((rows, 1), dtype=np.bool_))
    for column in _columns(marks, "change", view, DOTS[glyphs][0]):
        canvas.paint(top, left + column, dotted, "change")


def draw_cursor(canvas: Canvas, top: int, rows: int, column: int, glyphs: Glyphs) -> None:
    canvas.paint(top, column, repeat(LINES[glyphs].cursor, np.ones((rows, 1), dtype=np.bool_)), "cursor")


def draw_legend(canvas: Canvas, first: int, width: int, entries: Sequence[LegendEntry], glyphs: Glyphs) -> None:
    """Key, label and value of each curve, at the right of the top row from column `first` on.

    With the extremes behind the values if they fit, values alone if labels do not fit; nothing if that does not fit
    either or if it would hide data.
    """
    # A fixed width, or the legend would shift with every digit that is gained or lost.
    values = [_value(entry) for entry in entries]
    ranges = [_range(entry, glyphs) for entry in entries]
    labelled = [f"{e.key} {one_cell(e.label, glyphs)} {value}" for e, value in zip(entries, values, strict=True)]
    short = [f"{e.key} {value}" for e, value in zip(entries, values, strict=True)]
    briefly = [
        f"{e.key} {value}" if e.minor else text for e, value, text in zip(entries, values, labelled, strict=True)
    ]
    both = [f"{text}{span}" for text, span in zip(labelled, ranges, strict=True)]
    ranged = [f"{text}{span}" for text, span in zip(short, ranges, strict=True)]
    for texts in (both, labelled, briefly, ranged, short):
        column = width - len("  ".join(texts))
        if column < first or not canvas.is_blank(0, column, width):
            continue
        for entry, text in zip(entries, texts, strict=True):
            canvas.write(0, column, text, entry.role)
            column += len(text) + 2
        return


def _value(entry: LegendEntry) -> str:
    width = EXACT_WIDTH if entry.exact else VALUE_WIDTH
    if entry.read is None:
        return "-".rjust(width) if entry.exact else ""
    return short_number(entry.read.mean, 4 if entry.exact else 3, keep_zeros=True).rjust(width)


def _range(entry: LegendEntry, glyphs: Glyphs) -> str:
    """The extremes behind a value, where it has any."""
    if not entry.exact or entry.read is None or entry.read.low != entry.read.low:
        return ""
    low, high = (short_number(end, keep_zeros=True) for end in (entry.read.low, entry.read.high))
    return f" ({low}{LINES[glyphs].dash}{high})"


def _columns(marks: Sequence[Mark], kind: str, view: View, across: int) -> list[int]:
    """The cells of the marks in view, each once, in order."""
    return view.cells_of(np.array([mark.x for mark in marks if mark.kind == kind], dtype=np.float64), across)


def _epoch_columns(marks: Sequence[Mark], view: View, across: int) -> list[int]:
    """The cells of every k-th epoch, k round, so that they stay apart and the shown ones stay shown."""
    xs = [mark.x for mark in marks if mark.kind == "epoch"]
    if len(xs) > 1:
        cells = (view.columns - 1) / across
        spacing = (max(xs) - min(xs)) / (len(xs) - 1) / (view.x[1] - view.x[0]) * cells
        every = next((k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500) if k * spacing >= EPOCH_GAP), 1000)
        xs = xs[every - 1 :: every]
    kept: list[int] = []
    for column in view.cells_of(np.array(xs, dtype=np.float64), across):
        if not kept or column - kept[-1] >= EPOCH_GAP:
            kept.append(column)
    return kept


def _cursor_label(column: int, columns: int, step: float) -> tuple[int, str]:
    """The step of the cursor, and the column where it starts, in the middle below the cursor; "" without room."""
    label = f"{step:,.0f}"
    if len(label) > columns:
        return 0, ""
    return min(max(column - (len(label) - 1) // 2, 0), columns - len(label)), label
