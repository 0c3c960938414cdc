"""What is no number has no place on an axis, but is told: where a curve leaves the plot, and where it has a gap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_nn.plots.axis import LARGEST
from tui_nn.plots.canvas import Canvas
from tui_nn.plots.curve import Curve
from tui_nn.plots.raster import DOTS, View
from tui_nn.plots.spans import FloatArray, Glyphs

MISSING: dict[Glyphs, str] = {"braille": "×", "block": "×", "ascii": "x"}
UP: dict[Glyphs, str] = {"braille": "↑", "block": "↑", "ascii": "^"}
DOWN: dict[Glyphs, str] = {"braille": "↓", "block": "↓", "ascii": "v"}


def draw_infinities(
    canvas: Canvas, top: int, rows: int, left: int, curves: Sequence[Curve], view: View, glyphs: Glyphs
) -> None:
    """The word where a line leaves the plot for an infinity: at its upper or lower edge, once for neighbours."""
    beyond = [curve for curve in curves if not _is_finite(curve.y)]
    if not beyond:
        return
    across = DOTS[glyphs][0]
    width = view.columns // across
    for upward, row, arrow, word in ((True, top, UP, "inf"), (False, top + rows - 1, DOWN, "-inf")):
        text = f"{arrow[glyphs]}{word}"
        if width <= len(text):
            continue
        free = 0
        for column, role in sorted(
            (column, curve.role)
            for curve in beyond
            for column in view.cells_of(curve.x[curve.y > LARGEST if upward else curve.y < -LARGEST], across)
        ):
            # The arrow stands in the column itself unless the word would run out of the plot.
            start = min(column, width - len(text))
            if column >= free:
                canvas.write(row, left + start, text, role)
                free = start + len(text) + 1


def draw_missing(canvas: Canvas, row: int, left: int, curves: Sequence[Curve], view: View, glyphs: Glyphs) -> None:
    """A cross on the axis below every gap that is not a number. A curve that has no number at all was never there."""
    for curve in curves:
        y = np.asarray(curve.y, dtype=np.float64)
        if _is_finite(y):
            continue
        missing = y != y
        if missing.any() and not missing.all():
            for column in view.cells_of(np.asarray(curve.x, dtype=np.float64)[missing], DOTS[glyphs][0]):
                canvas.write(row, left + column, MISSING[glyphs], "bad")


def _is_finite(y: FloatArray) -> bool:
    """Whether all are numbers that a plot has a place for; two passes, where a mask would take many."""
    return not y.size or bool(y.min() >= -LARGEST and y.max() <= LARGEST)
