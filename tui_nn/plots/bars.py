"""Bars beside one another: one a row, with the range that the value moved in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tui_nn.plots.axis import Limits, Scale, fraction, linear_limits, place_ticks, short_number, widened
from tui_nn.plots.canvas import Canvas
from tui_nn.plots.spans import Glyphs, Row, one_cell, shorten

EIGHTHS = " ▏▎▍▌▋▊▉█"
NUMBER_WIDTH = 7
NAME_WIDTH = 13
"""Cells that a label may have ("1 Linear(128)") even if they are more than a third..."""
LEAST_CELLS = 7
"""... as long as the bars keep so many."""
LEAST_DECADES = 2
"""A log axis shows at least as many, so that the bars of equal values do not fill the chart."""


class Bar(NamedTuple):
    """A value with the range low..high around it; the flag is one letter or nothing."""

    label: str
    value: float
    low: float
    high: float
    flag: str
    role: str


def bar_chart(
    bars: Sequence[Bar],
    width: int,
    height: int,
    *,
    scale: Scale = "log",
    x_range: Limits | None = None,
    glyphs: Glyphs = "braille",
) -> list[Row]:
    """A row a bar: solid up to low, shaded up to the value, a thin line up to high; the number at the right.

    A log scale starts at a whole decade, so equal lengths are equal factors. What has no place on it (zero,
    or less) has no bar; NaN and infinity show their name. Bars that do not fit are left out in the middle.
    """
    canvas = Canvas(width, height)
    if width < 1 or height < 1 or not bars:
        return canvas.rows()
    longest = max(len(one_cell(bar.label, glyphs)) for bar in bars)
    labels = min(longest, max(width // 3, min(NAME_WIDTH, width - LEAST_CELLS - NUMBER_WIDTH - 4), 1))
    number = NUMBER_WIDTH + 1 if width - labels - 3 - NUMBER_WIDTH >= 4 else 0
    start, cells = labels + 3, width - labels - 3 - number
    limits = bar_limits(bars, scale, x_range)
    first, last, hidden = _fitting(len(bars), height)
    for row, bar in enumerate([*bars[:first], *bars[len(bars) - last :]]):
        row += 1 if hidden and row >= first else 0
        canvas.write(row, 0, shorten(bar.label, labels, glyphs), "muted")
        canvas.write(row, labels + 1, one_cell(bar.flag, glyphs)[:1], "warn")
        if not math.isfinite(bar.value):
            canvas.write(row, start, short_number(bar.value), "bad")
            continue
        if cells > 0:
            _draw_bar(canvas, row, start, cells, bar, limits, scale, glyphs)
        if number:
            value = short_number(bar.value, keep_zeros=True) if bar.value else "0"
            canvas.write(row, width - number, value.rjust(number), "value")
    if hidden:
        canvas.write(first, 0, f"{':' if glyphs == 'ascii' else '⋮'} {hidden} more", "muted")
    elif height > len(bars):
        _draw_axis(canvas, len(bars), start, cells, limits, scale, glyphs)
    return canvas.rows()


def meter(value: float, width: int, glyphs: Glyphs = "braille") -> str:
    """A bar of value * width cells in exactly `width` cells, for 0..1; empty for NaN."""
    width = max(width, 0)
    share = min(max(value, 0.0), 1.0) if not math.isnan(value) else 0.0
    if glyphs == "ascii":
        return ("#" * round(share * width)).ljust(width)
    full, part = divmod(round(share * width * 8), 8)
    return ("█" * full + (EIGHTHS[part] if part else "")).ljust(width)


def _draw_bar(
    canvas: Canvas, row: int, start: int, cells: int, bar: Bar, limits: Limits, scale: Scale, glyphs: Glyphs
) -> None:
    ascii_only = glyphs == "ascii"
    length = _place(bar.value, limits, scale)
    text = meter(length, cells, glyphs).rstrip()
    certain = round(_place(bar.low, limits, scale) * cells)
    whole = len(text) - (bool(text) and text[-1] not in "█#")
    if math.isfinite(bar.low) and certain < whole:
        text = text[:certain] + ("=" if ascii_only else "▒") * (whole - certain) + text[whole:]
    reach = round(_place(bar.high, limits, scale) * cells)
    if bar.high > bar.value and reach > len(text):
        line, end = ("-", "|") if ascii_only else ("─", "┤")
        canvas.write(row, start + len(text), line * (reach - len(text) - 1) + end, f"{bar.role}-range")
    canvas.write(row, start, text, bar.role)


def _draw_axis(canvas: Canvas, row: int, start: int, cells: int, limits: Limits, scale: Scale, glyphs: Glyphs) -> None:
    """Each tick right at its place, its label beside it."""
    pointer = "'" if glyphs == "ascii" else "╵"
    for tick in place_ticks(limits, cells, 1, scale=scale, horizontal=True):
        fits = tick.cell + 1 + len(tick.label) <= cells
        if fits:
            canvas.write(row, start + tick.cell, pointer + tick.label, "muted")
        elif tick.cell >= len(tick.label):
            canvas.write(row, start + tick.cell - len(tick.label), tick.label + pointer, "muted")


def bar_limits(bars: Sequence[Bar], scale: Scale = "log", given: Limits | None = None) -> Limits:
    """The ends of the axis of those bars."""
    values = [value for bar in bars for value in (bar.value, bar.low, bar.high) if math.isfinite(value)]
    if given is not None and all(map(math.isfinite, given)):
        low, high = widened(*given)
        if scale == "linear" or low > 0:
            return low, high
    if scale == "linear":
        return linear_limits(min([0.0, *values]), max([0.0, *values]))
    positive = [value for value in values if value > 1e-290]
    if not positive:
        return 0.1, 10.0
    # Strictly below the least value, which would otherwise have a bar of no length.
    low = math.ceil(math.log10(min(positive)) - 1e-9) - 1
    high = max(math.ceil(math.log10(max(positive)) - 1e-9), low + LEAST_DECADES)
    return float(f"1e{low}"), float(f"1e{min(high, 308)}")


def _place(value: float, limits: Limits, scale: Scale) -> float:
    """Where the value is on the axis, 0..1; what lies outside is at its ends."""
    if math.isnan(value) or (scale == "log" and value <= 0):
        return 0.0
    if math.isinf(value):
        return float(value > 0)
    return min(max(fraction(value, limits, scale), 0.0), 1.0)


def _fitting(count: int, height: int) -> tuple[int, int, int]:
    """How many of the first and of the last bars are shown, and how many between them are not."""
    if count <= height:
        return count, 0, 0
    first, last = height // 2, (height - 1) // 2
    return max(first, 1), last, (count - first - last) if height > 1 else 0
