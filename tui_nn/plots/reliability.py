"""Whether a network is as often right as it is sure: bars of what is right, each before a line of how sure it was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tui_nn.plots.axis import short_number
from tui_nn.plots.canvas import Canvas
from tui_nn.plots.spans import Glyphs, Row

LEVELS = " ▁▂▃▄▅▆▇█"

GUTTER = 5
"""Cells of a percentage at the left."""


class ConfidenceBin(NamedTuple):
    """ConfidenceBin of about the same confidence: its mean, the share that is right, and how many. NaN of none."""

    confidence: float
    accuracy: float
    samples: int


def reliability_plot(
    bins: Sequence[ConfidenceBin], width: int, height: int, *, glyphs: Glyphs = "braille"
) -> list[Row]:
    """A bar for each bin, as high as its answers are right; a line across it, as high as they were sure.

    Bars that end below their line were too sure of themselves. The last rows: the confidence of each bin, and how many
    answers it has. A bin without answers is empty.
    """
    canvas = Canvas(width, height)
    rows, each = height - 2, (width - GUTTER) // max(len(bins), 1)
    if rows < 2 or each < 1 or not bins:
        return canvas.rows()
    for share in (0.0, 0.5, 1.0):
        canvas.write(_row(share, rows), 0, f"{share:>{GUTTER - 1}.0%}", "muted")
    line = "-" if glyphs == "ascii" else "─"
    bar = max(each - 1, 1)
    for place, answers in enumerate(bins):
        left = GUTTER + place * each
        if not answers.samples or math.isnan(answers.accuracy + answers.confidence):
            continue
        for row in range(rows):
            # What of this row, counted from below, is filled.
            filled = min(max(answers.accuracy * rows - (rows - 1 - row), 0.0), 1.0)
            canvas.write(row, left, _block(filled, glyphs) * bar, "bar")
        over = answers.confidence > answers.accuracy
        # A line within the bar lies on its colour.
        canvas.write(_row(answers.confidence, rows), left, line * bar, "bad" if over else "ground on bar")
    _write_axis(canvas, bins, rows, each, bar)
    return canvas.rows()


def _write_axis(canvas: Canvas, bins: Sequence[ConfidenceBin], rows: int, each: int, bar: int) -> None:
    canvas.write(rows, 0, "sure", "muted")
    canvas.write(rows + 1, 0, "of", "muted")
    every = 1 if each >= 4 else 2 if each >= 2 else 5
    for place, answers in enumerate(bins):
        if place % every == 0:
            canvas.write(rows, GUTTER + place * each, f"{place * 100 // len(bins)}", "muted")
        if answers.samples:
            number = str(answers.samples)
            number = number if len(number) <= each else short_number(answers.samples, 1)
            if len(number) <= bar + (place == len(bins) - 1):
                canvas.write(rows + 1, GUTTER + place * each, number, "value")


def _row(share: float, rows: int) -> int:
    """The row in which a share ends, counted from above."""
    return rows - 1 - min(int(share * rows), rows - 1)


def _block(filled: float, glyphs: Glyphs) -> str:
    if glyphs == "ascii":
        return "#" if filled >= 0.5 else " "
    return LEVELS[round(filled * 8)]
