"""Values beside one another on a log scale, each a dot in its range, before a band where they ought to be."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_nn.plots.axis import LARGEST, SMALLEST, Limits, fraction, place_ticks, short_number
from tui_nn.plots.bars import LEAST_CELLS, NAME_WIDTH, NUMBER_WIDTH, Bar
from tui_nn.plots.canvas import Canvas
from tui_nn.plots.spans import Glyphs, Row, one_cell, shorten

SIGNS: dict[Glyphs, tuple[str, str, str, str]] = {
    "braille": ("┊", "│", "─", "●"),
    "block": ("·", "│", "─", "●"),
    "ascii": (":", "|", "-", "o"),
}
"""The ends of the band, the target, a range, a value."""


def dot_chart(
    bars: Sequence[Bar], width: int, height: int, *, band: Limits, target: float, glyphs: Glyphs = "braille"
) -> list[Row]:
    """A row a value: its dot, a line from low to high; the band's ends and the target as lines through all rows.

    The axis holds a decade on either side of the band, and all values. What has no place on it (zero, or less) has no
    dot; NaN and infinity show their name. Values beyond the height are left out; the row below them has the axis.
    """
    canvas = Canvas(width, height)
    if width < 1 or height < 1 or not bars:
        return canvas.rows()
    longest = max(len(one_cell(bar.label, glyphs)) for bar in bars)
    labels = min(longest, max(width // 3, min(NAME_WIDTH, width - LEAST_CELLS - NUMBER_WIDTH - 4), 1))
    number = NUMBER_WIDTH + 1 if width - labels - 3 - NUMBER_WIDTH >= 4 else 0
    start, cells = labels + 3, width - labels - 3 - number
    limits = _limits(bars, band)
    edge, line, reach, dot = SIGNS[glyphs]
    for row, bar in enumerate(bars[:height]):
        canvas.write(row, 0, shorten(bar.label, labels, glyphs), "muted")
        canvas.write(row, labels + 1, one_cell(bar.flag, glyphs)[:1], "warn")
        if cells > 0:
            if _has_place(bar.low) and _has_place(bar.high):
                first, last = (_cell(end, limits, cells) for end in (bar.low, bar.high))
                canvas.write(row, start + first, reach * (last - first + 1), f"{bar.role}-range")
            for place, sign in ((band[0], edge), (band[1], edge), (target, line)):
                canvas.write(row, start + _cell(place, limits, cells), sign, "axis")
            if _has_place(bar.value):
                canvas.write(row, start + _cell(bar.value, limits, cells), dot, bar.role)
        if number:
            value = short_number(bar.value, keep_zeros=True) if bar.value else "0"
            canvas.write(row, width - number, value.rjust(number), "value" if math.isfinite(bar.value) else "bad")
    if height > len(bars):
        _draw_axis(canvas, len(bars), start, cells, limits, glyphs)
    return canvas.rows()


def _limits(bars: Sequence[Bar], band: Limits) -> Limits:
    values = [value for bar in bars for value in (bar.value, bar.low, bar.high) if _has_place(value)]
    low, high = min([band[0] / 10, *values]), max([band[1] * 10, *values])
    return 10.0 ** math.floor(math.log10(low) + 1e-9), 10.0 ** math.ceil(math.log10(high) - 1e-9)


def _has_place(value: float) -> bool:
    return SMALLEST < value < LARGEST


def _cell(value: float, limits: Limits, cells: int) -> int:
    return min(max(round(fraction(value, limits, "log") * (cells - 1)), 0), cells - 1)


def _draw_axis(canvas: Canvas, row: int, start: int, cells: int, limits: Limits, glyphs: Glyphs) -> None:
    """Each tick right at its place, its label beside it."""
    for tick in place_ticks(limits, cells, 1, scale="log", horizontal=True):
        if tick.cell + 1 + len(tick.label) <= cells:
            canvas.write(row, start + tick.cell, ("'" if glyphs == "ascii" else "╵") + tick.label, "muted")
