"""How often values occur, as columns."""

from __future__ import annotations

import numpy as np

from tui_nn.plots.axis import short_number
from tui_nn.plots.canvas import Canvas
from tui_nn.plots.spans import FloatArray, Glyphs, Row

HEIGHTS = " ▁▂▃▄▅▆▇█"
ASCII_HEIGHTS = " .:|"


def histogram(
    counts: FloatArray,
    low: float,
    high: float,
    width: int,
    height: int,
    *,
    role: str = "bar",
    glyphs: Glyphs = "braille",
) -> list[Row]:
    """Bins of equal width over low..high, the tallest column as high as the plot; from 3 rows on with an axis.

    A column that is not empty shows at least a trace: one outlier among thousands of weights is still seen.
    """
    canvas = Canvas(width, height)
    if width < 1 or height < 1:
        return canvas.rows()
    rows = height - 1 if height >= 3 else height
    columns = rebinned(counts, width)
    heights = ASCII_HEIGHTS if glyphs == "ascii" else HEIGHTS
    parts = len(heights) - 1
    tallest = float(columns.max())
    if tallest > 0:
        filled = np.rint(columns / tallest * rows * parts).astype(np.int64)
        filled = np.where(columns > 0, np.maximum(filled, 1), 0)
        above = np.arange(rows - 1, -1, -1)[:, None] * parts
        table = np.array([ord(character) for character in heights], dtype=np.uint32)
        canvas.paint(0, 0, table[np.clip(filled - above, 0, parts)], role)
    if rows < height:
        _draw_axis(canvas, rows, low, high, width)
    return canvas.rows()


def rebinned(counts: FloatArray, columns: int) -> FloatArray:
    """The counts on another number of bins over the same interval, (columns,).

    Each count is spread evenly over its bin and shared among the columns that the bin overlaps, so the sum
    stays. What is not a count (NaN, infinite, negative) is none.
    """
    counts = np.asarray(counts, dtype=np.float64).ravel()
    counts = np.where((counts > 0) & (counts < 1e300), counts, 0.0)
    if not counts.size or columns < 1:
        return np.zeros(max(columns, 0))
    # The cumulated count is a polygon over the bins' edges; a column's share is its rise over the column.
    largest = counts.max() or 1.0
    cumulated = np.concatenate(([0.0], np.cumsum(counts / largest)))
    edges = np.linspace(0.0, counts.size, columns + 1)
    shares = np.diff(np.interp(edges, np.arange(counts.size + 1), cumulated))
    # Rounding leaves a little where nothing is; it would be drawn as a trace.
    return np.where(shares > cumulated[-1] * 1e-12, shares, 0.0) * largest


def _draw_axis(canvas: Canvas, row: int, low: float, high: float, width: int) -> None:
    """The lowest and the highest value at the ends, and 0 where it is, if there is room between them."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return
    left, right = short_number(low, 2), short_number(high, 2)
    if len(left) + len(right) + 1 > width:
        return
    canvas.write(row, 0, left, "muted")
    canvas.write(row, width - len(right), right, "muted")
    if low < 0 < high:
        column = min(int(width * (-low / (high / 2 - low / 2) / 2)), width - 1)
        if len(left) < column < width - len(right) - 1:
            canvas.write(row, column, "0", "muted")
