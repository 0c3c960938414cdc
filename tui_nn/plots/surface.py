"""A plane in two colours a cell: which class each part of it is taken for and how surely, with points on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_nn.plots.axis import Limits, place_ticks, widened
from tui_nn.plots.canvas import Canvas
from tui_nn.plots.frame import LINES, draw_y_axis
from tui_nn.plots.grid import HALF, stretched, two_coloured
from tui_nn.plots.spans import BLANK, FloatArray, Glyphs, Row, Span, fit, one_cell, rows_from

IntArray = NDArray[np.integer[Any]]

LEVELS = 6
"""Shades of a class: more of them cost more than they show."""

HUES = 10
"""Colours of classes; a further class begins with the first one again."""

GUTTER = 8
"""Cells at the left for the y axis. Fixed: the picture must not jump when a label changes."""

AROUND = 3
"""Rows for the legend above, and for the x axis with its labels below."""

RIGHT_FROM, WRONG_FROM = HUES * LEVELS, HUES * (LEVELS + 1)
ROLES = [
    *(f"class-{hue}-{level}" for hue in range(HUES) for level in range(LEVELS)),
    *(f"class-{hue}" for hue in range(HUES)),
    *(f"wrong-{hue}" for hue in range(HUES)),
    "unknown",
]
"""Class k at level l is k * LEVELS + l; its points, right and wrong, stand behind all shades."""

LEAST_SIGNED = 24
"""Columns of a picture in which the signs of the classes have room."""

RIGHT: dict[Glyphs, str] = {"braille": "•", "block": "•", "ascii": "o"}
WRONG: dict[Glyphs, str] = {"braille": "×", "block": "×", "ascii": "x"}


class Surface(NamedTuple):
    """classes and sureness, (rows, columns), of a grid whose first row is the largest y; sureness 0..1, NaN: unknown.

    The limits are the values at the first and the last grid point.
    """

    classes: IntArray
    sureness: FloatArray
    x: Limits
    y: Limits


class Points(NamedTuple):
    """Samples: where they are, their class, and whether they are taken for another. (count,) each."""

    x: FloatArray
    y: FloatArray
    classes: IntArray
    wrong: NDArray[np.bool_]


def surface_grid(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of the grid that fills a plot of that size: two points a cell, one above the other."""
    return max(width - _gutter(width), 1), max(2 * (height - _around(height)), 1)


def surface_plot(
    surface: Surface,
    points: Points,
    width: int,
    height: int,
    *,
    class_names: Sequence[str],
    feature_names: Sequence[str] = ("x", "y"),
    glyphs: Glyphs = "braille",
    shaded: bool = True,
) -> list[Row]:
    """The surface with its points, axes and legend in exactly `height` rows of `width` cells.

    Shaded: half-blocks, darker where the network is less sure, and the sign of each class in its midst; a point has its
    class's full colour, one taken for another class is a cross. Otherwise, for terminals of few colours or none: signs
    of the classes, thinner where it is less sure and absent where it is not sure at all; points are dots, those taken
    for another class the sign of their own. Any grid is stretched to the size; a class beyond the names is shown too.
    """
    if width < 1 or height < 1:
        return [()] * max(height, 0)
    gutter, around = _gutter(width), _around(height)
    columns, rows = width - gutter, height - around
    surface, points = _stretched(surface, columns, 2 * rows), _in_view(points, surface, columns, 2 * rows)
    signs = class_signs(class_names)
    picture = _shaded(surface, points, signs, glyphs) if shaded else _signed(surface, points, signs, glyphs)
    drawn = [(*left, *row) for left, row in zip(_y_axis(surface, gutter, rows, glyphs), picture, strict=True)]
    if around == 0:
        return drawn
    y_name = one_cell(feature_names[1], glyphs) if gutter else ""
    head = fit((Span(f"{y_name}  ", "muted"), *_legend(class_names, signs, glyphs, shaded)), width)
    return [head, *drawn, *_x_axis(surface, gutter, columns, one_cell(feature_names[0], glyphs), glyphs)]


def class_signs(names: Sequence[str]) -> str:
    """A character for each class: the first of its name, or the last, if that tells all apart; else A, B, C ..."""
    for place in (0, -1):
        found = "".join(name.strip()[place:][:1].upper() for name in names)
        if len(set(found)) == len(names) == len(found) and found.isascii() and found.isalnum():
            return found
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join(letters[index % len(letters)] for index in range(len(names)))


def _gutter(width: int) -> int:
    return GUTTER if width >= 4 * GUTTER else 0


def _around(height: int) -> int:
    return AROUND if height >= 3 * AROUND else 0


def _stretched(surface: Surface, columns: int, rows: int) -> Surface:
    """The same on a grid of that size, each point as its nearest one."""
    if 0 in surface.classes.shape:
        return surface._replace(classes=np.zeros((rows, columns), int), sureness=np.full((rows, columns), np.nan))
    classes, sureness = stretched(surface.classes, rows, columns), stretched(surface.sureness, rows, columns)
    return surface._replace(classes=classes, sureness=sureness)


def _in_view(points: Points, surface: Surface, columns: int, rows: int) -> Points:
    """Points by column and row of the grid instead of x and y; those outside, or nowhere, are left out."""
    (left, right), (bottom, top) = widened(*surface.x), widened(*surface.y)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is out of view
        across = (np.asarray(points.x, np.float64) - left) / (right - left) * (columns - 1)
        down = (top - np.asarray(points.y, np.float64)) / (top - bottom) * (rows - 1)
    inside = (across > -0.5) & (across < columns - 0.5) & (down > -0.5) & (down < rows - 0.5)
    column, row = np.rint(across[inside]).astype(int), np.rint(down[inside]).astype(int)
    return Points(column, row, np.asarray(points.classes)[inside], np.asarray(points.wrong, bool)[inside])


def _shaded(surface: Surface, points: Points, signs: str, glyphs: Glyphs) -> list[Row]:
    unknown = len(ROLES) - 1
    known = surface.sureness == surface.sureness
    level = np.clip(np.where(known, surface.sureness, 0) * LEVELS, 0, LEVELS - 1).astype(int)
    pixels = np.where(known, surface.classes % HUES * LEVELS + level, unknown)
    right = ~points.wrong
    shades = pixels.copy()
    row, column = points.y[points.wrong], points.x[points.wrong]
    under = pixels[row, column]
    pixels[points.y[right], points.x[right]] = RIGHT_FROM + points.classes[right] % HUES
    top, bottom = pixels[::2], pixels[1::2]
    codes = np.full(top.shape, ord(HALF), np.uint32)
    for index, (down, across) in _middles(surface, points).items():
        codes[down // 2, across] = ord(signs[index % len(signs)]) if signs else BLANK
        top[down // 2, across] = WRONG_FROM + index % HUES
        bottom[down // 2, across] = shades[down, across]
    # A cross covers its cell, and stands on the shade that the network gives its place.
    codes[row // 2, column] = ord(WRONG[glyphs])
    top[row // 2, column] = WRONG_FROM + points.classes[points.wrong] % HUES
    bottom[row // 2, column] = under
    return two_coloured(codes, top, bottom, ROLES)


def _middles(surface: Surface, points: Points) -> dict[int, tuple[int, int]]:
    """For each class in view a grid point in the midst of where the network is surest of it, off all points.

    The sign that stands there says what the hue says. None in a picture that is too small for signs.
    """
    rows, columns = surface.classes.shape
    if columns < LEAST_SIGNED:
        return {}
    free = np.ones((rows, columns), np.bool_)
    cell = points.y // 2 * 2
    free[cell, points.x] = free[cell + 1, points.x] = False
    found: dict[int, tuple[int, int]] = {}
    for index in np.unique(surface.classes).tolist():
        here = np.where((surface.classes == index) & free, np.nan_to_num(surface.sureness), 0.0)
        if here.max() > 0:
            down, across = np.nonzero(here >= 0.9 * here.max())
            away = ((down - np.median(down)) / 2) ** 2 + (across - np.median(across)) ** 2
            nearest = int(away.argmin())
            found[index] = int(down[nearest]), int(across[nearest])
    return found


def _signed(surface: Surface, points: Points, signs: str, glyphs: Glyphs) -> list[Row]:
    """One grid point of two, as cells are twice as high as wide."""
    classes, sureness = surface.classes[::2], surface.sureness[::2]
    table = np.array([ord(sign) for sign in signs.lower()] or [BLANK], np.uint32)
    row, column = np.indices(classes.shape)
    dense, sparse = (column - row) % 2 == 0, (column - row % 2) % 4 == 0
    inked = (sureness >= 2 / 3) & dense | (sureness >= 1 / 3) & sparse
    codes = np.where(inked, table[classes % table.size], BLANK)
    roles = classes % HUES
    names = [*(f"class-{hue}" for hue in range(HUES)), "ink", *(f"wrong-{hue}" for hue in range(HUES))]
    letters = np.array([ord(sign) for sign in signs] or [BLANK], np.uint32)
    for wrong in (False, True):
        these = points.wrong == wrong
        place = points.y[these] // 2, points.x[these]
        own = points.classes[these]
        codes[place] = letters[own % letters.size] if wrong else ord(RIGHT[glyphs])
        roles[place] = HUES + 1 + own % HUES if wrong else HUES
    return rows_from(codes.astype(np.uint32), roles, names)


def _legend(names: Sequence[str], signs: str, glyphs: Glyphs, shaded: bool) -> Row:
    spans: list[Span] = []
    for index, (name, sign) in enumerate(zip(names, signs, strict=True)):
        role, name = f"class-{index % HUES}", one_cell(name, glyphs)
        key = ("■" if glyphs != "ascii" else "#") + sign if shaded else sign.lower()
        spans += [Span(f"{key} ", role), Span(f"{name}  ", "muted")]
    wrong = WRONG[glyphs] if shaded else "/".join(dict.fromkeys(signs[:3])) + ("/..." if len(set(signs)) > 3 else "")
    return (*spans, Span(f"{wrong} ", "value"), Span("taken for another", "muted"))


def _y_axis(surface: Surface, gutter: int, rows: int, glyphs: Glyphs) -> list[Row]:
    canvas = Canvas(gutter, rows)
    if gutter:
        ticks = place_ticks(widened(*surface.y), rows, 2, scale="linear", horizontal=False)
        # A number without its last digits would be another one.
        fitting = [tick if len(tick.label) < gutter else tick._replace(label="") for tick in ticks]
        draw_y_axis(canvas, 0, rows, gutter, fitting, glyphs)
    return canvas.rows()


def _x_axis(surface: Surface, gutter: int, columns: int, name: str, glyphs: Glyphs) -> list[Row]:
    """The axis, which ends in its name, and the labels below it."""
    canvas, lines = Canvas(gutter + columns, 2), LINES[glyphs]
    canvas.write(0, gutter - 1, lines.corner, "axis")
    canvas.write(0, gutter, lines.horizontal * columns, "axis")
    for tick in place_ticks(widened(*surface.x), columns, 1, scale="linear", horizontal=True):
        canvas.write(0, gutter + tick.cell, lines.x_tick, "axis")
        start = min(tick.cell - (len(tick.label) - 1) // 2, columns - len(tick.label))
        canvas.write(1, gutter + max(start, 0), tick.label, "muted")
    if name and len(name) + 1 < columns // 2:
        canvas.write(0, gutter + columns - len(name) - 1, f" {name}", "muted")
    return canvas.rows()
