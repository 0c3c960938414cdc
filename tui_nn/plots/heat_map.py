"""A table of numbers as a picture: the hotter, the larger."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from tui_nn.plots.axis import LARGEST, SMALLEST, Limits, Scale, short_number, widened
from tui_nn.plots.grid import half_blocks, stretched
from tui_nn.plots.spans import FloatArray, Glyphs, Row, Span, fit, rows_from

HEAT: Final = ("zero", "positive-1", "positive-2", "positive-3", "positive-4")
"""Roles from the least to the greatest."""

RAMPS: Final[dict[Glyphs, str]] = {"braille": " ░▒▓█", "block": " ░▒▓█", "ascii": " .:-=+*#%@"}
"""The same in characters, where there are no colours."""
UNKNOWN: Final = "?"


def heat_map(
    values: FloatArray,
    width: int,
    height: int,
    *,
    scale: Scale = "linear",
    limits: Limits | None = None,
    glyphs: Glyphs = "braille",
    shaded: bool = True,
    roles: Sequence[str] = HEAT,
) -> list[Row]:
    """Values, (rows, columns), first row on top, in exactly `height` rows of `width` cells, two points a cell.

    Shaded: half-blocks in `roles`. Otherwise a ramp of characters, in ASCII always. Where several values share a point
    it has the greatest of them, so that no spike is lost, and NaN before all. NaN has the role "unknown", or is a
    question mark. Without limits they are those of the finite values; what lies beyond has the colour of the end, on a
    log scale also what is not positive.
    """
    if width < 1 or height < 1 or not values.size:
        return [fit((), max(width, 0))] * max(height, 0)
    with np.errstate(all="ignore"):
        points = _gathered(np.asarray(values, dtype=np.float64), 2 * height, width)
        place = _places(points, _usable(limits, scale) or heat_limits(values, scale), scale)
    if shaded and glyphs != "ascii":
        levels = np.where(place == place, np.minimum(place * len(roles), len(roles) - 1), len(roles))
        return half_blocks(levels.astype(np.int64), [*roles, "unknown"])
    ramp = RAMPS[glyphs]
    cells = np.maximum(place[::2], place[1::2])
    levels = np.where(cells == cells, np.minimum(cells * len(ramp), len(ramp) - 1), len(ramp)).astype(np.int64)
    codes = np.array([ord(sign) for sign in ramp + UNKNOWN], dtype=np.uint32)[levels]
    return rows_from(codes, (levels == len(ramp)).astype(np.int64), ["ink", "bad"])


def heat_limits(values: FloatArray, scale: Scale = "linear") -> Limits:
    """The least and the greatest finite value, on a log scale of those above zero, apart and in order."""
    values = np.asarray(values, dtype=np.float64)
    known = values[(np.abs(values) <= LARGEST) & ((values >= SMALLEST) if scale == "log" else True)]
    if not known.size:
        return (0.1, 1.0) if scale == "log" else (0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    if scale == "log":
        return (low, high) if high > low * (1 + 1e-9) else (low / 2, high * 2)
    return widened(low, high)


def heat_key(
    limits: Limits, width: int, *, glyphs: Glyphs = "braille", shaded: bool = True, roles: Sequence[str] = HEAT
) -> Row:
    """Which colour is how much, in a row: the least value, the scale, the greatest; no row without room."""
    if shaded and glyphs != "ascii":
        scale = tuple(Span("  ", f"ink on {role}") for role in roles)
    else:
        scale = (Span(RAMPS[glyphs], "ink"),)
    row = (Span(f"{short_number(limits[0])} ", "muted"), *scale, Span(f" {short_number(limits[1])}", "muted"))
    return row if sum(len(span.text) for span in row) <= width else ()


def _gathered(values: FloatArray, rows: int, columns: int) -> FloatArray:
    """As many rows and columns: the greatest of those that fall together, or the nearest one of too few."""
    for axis, count in ((0, rows), (1, columns)):
        size = values.shape[axis]
        if size > count:
            values = np.maximum.reduceat(values, np.arange(count) * size // count, axis=axis)
    return stretched(values, rows, columns)


def _usable(limits: Limits | None, scale: Scale) -> Limits | None:
    """The limits, in order and apart; None where the scale has no place for them."""
    if limits is None or not all(map(math.isfinite, limits)) or (scale == "log" and min(limits) < SMALLEST):
        return None
    low, high = widened(*limits)
    return low, high


def _places(values: FloatArray, limits: Limits, scale: Scale) -> FloatArray:
    """Where the values lie between the limits, 0..1; NaN stays."""
    low, high = limits
    if scale == "log":
        values = np.log10(np.where(values <= 0, 0, values))
        low, high = math.log10(low), math.log10(high)
    return np.clip((values - low) / (high - low), 0.0, 1.0)
