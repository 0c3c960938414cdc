"""Layers over steps as a picture: a row a layer, the hotter the larger, over the whole run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from tui_nn.plots.axis import Limits, place_ticks
from tui_nn.plots.canvas import Canvas
from tui_nn.plots.heat_map import heat_limits, heat_map
from tui_nn.plots.spans import FloatArray, Glyphs, Row, Span, fit, shorten

COLD_TO_HOT: Final = (
    *(f"negative-{step}" for step in (4, 3, 2, 1)),
    "zero",
    *(f"positive-{step}" for step in (1, 2, 3, 4)),
)
"""Roles from the least to the greatest: both ends stand out."""


def layer_map(
    steps: FloatArray,
    values: FloatArray,
    labels: Sequence[str],
    width: int,
    height: int,
    *,
    x_range: Limits,
    limits: Limits,
    label_width: int,
    glyphs: Glyphs = "braille",
    shaded: bool = True,
) -> list[Row]:
    """values: (points, layers), each the greatest since the point before it; as many rows a layer as have room.

    The last row is the axis of steps. What there is no step of yet is blank. Layers beyond the height are left out.
    """
    each = (height - 1) // max(len(labels), 1) or 1
    shown = min(len(labels), (height - 1) // each)
    cells = width - label_width - 1
    if shown < 1 or cells < 1 or not len(steps):
        return [fit((), max(width, 0))] * max(height, 0)
    columns = by_column(steps, values[:, :shown], cells, x_range)
    picture = heat_map(
        columns.T,
        columns.shape[0],
        shown * each,
        scale="log",
        limits=limits,
        glyphs=glyphs,
        shaded=shaded,
        roles=COLD_TO_HOT,
    )
    names = [label if place == 0 else "" for label in labels[:shown] for place in range(each)]
    rest = Span(" " * (cells - len(columns)))
    rows = [
        (Span(shorten(name, label_width, glyphs) + " ", "muted"), *line, rest)
        for name, line in zip(names, picture, strict=True)
    ]
    axis = Canvas(width, 1)
    for tick in place_ticks(x_range, cells, 1, scale="linear", horizontal=True):
        if tick.cell + 1 + len(tick.label) <= cells:
            sign = "'" if glyphs == "ascii" else "╵"
            axis.write(0, label_width + 1 + tick.cell, sign + tick.label, "muted")
    return [*rows, *axis.rows()]


def by_column(steps: FloatArray, values: FloatArray, cells: int, x_range: Limits) -> FloatArray:
    """The greatest value of the steps that each column stands for, as far as there are steps: (columns, layers)."""
    ends = np.linspace(*x_range, cells + 1)
    first = np.searchsorted(steps, ends[:-1], side="right")
    last = np.searchsorted(steps, ends[1:], side="left")
    # A point stands for the steps since the one before: the one that ends behind the column belongs to it too.
    count = int(np.count_nonzero(first < len(steps)))
    return np.array([values[a : b + 1].max(axis=0) for a, b in zip(first[:count], last[:count], strict=True)])


def decades(values: FloatArray) -> Limits:
    """Whole decades around all values above zero: they move seldom, and with them all colours."""
    low, high = heat_limits(values, "log")
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return 10.0**first, 10.0 ** max(last, first + 1)
