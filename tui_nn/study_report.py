"""A study's result in characters: curves, the table that is their legend, and the sentence."""

import os
import shutil
import sys
import textwrap
from math import isfinite, log10

import numpy as np
import plotext

from engine.studies.figures import FIGURES
from engine.studies.result import Result, Row
from engine.studies.sentences import at_steps, write_sentence
from tui_nn.glyphs import takes_unicode
from tui_nn.plots.axis import linear_limits, linear_ticks, log_limits, log_ticks, tick_labels, widened

MARKERS = "ox+#%@abcdefghijklmn"
"""One a curve: told apart without colour, and in ASCII."""

COLORS = ("blue", "orange", "green", "magenta", "cyan", "red", "gray")

ASCII = str.maketrans({**dict.fromkeys("┌┐└┘├┤┬┴┼", "+"), "─": "-", "│": "|", "×": "x"})

Points = list[tuple[float, float]]

WIDEST, HIGHEST = 100, 18


def report(result: Result) -> list[str]:
    """All lines, for the terminal's width and characters."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    lines = [*curves(result, width), "", *table(result, width), ""]
    lines += textwrap.wrap(write_sentence(result), width)
    if result.interrupted:
        done = sum(len(row.outcomes) for row in result.rows)
        lines.append(f"Interrupted: {done} of {len(result.plan.runs)} runs.")
    lines.append(f"{result.seconds:.0f} s")
    return lines if takes_unicode(sys.stdout) else [line.replace("±", "+-").translate(ASCII) for line in lines]


def curves(result: Result, width: int) -> list[str]:
    """The mean curve of each row, overlaid; each has the marker that stands before its row in the table."""
    figure = result.figure
    drawn = []
    for row, marker, color in zip(result.rows, MARKERS, _colors(), strict=False):
        points = [(x, s.mean) for x, s in row.curve if isfinite(s.mean) and (s.mean > 0 or not figure.log)]
        if points:
            drawn.append((points, marker, color))
    if not drawn:
        return []
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, HIGHEST)
    dense = [(_between(points, 4 * width, log=figure.log), marker, color) for points, marker, color in drawn]
    for (x, y), marker, color in dense:
        plotext.scatter(x, y, marker=marker, color=color)
    for place, ((x, y), marker, color) in enumerate(dense):
        # Where curves lie over one another, each shows through at columns of its own.
        every = slice(4 * place, None, 4 * len(dense))
        plotext.scatter(x[every], y[every], marker=marker, color=color)
    _axes(result, [point for points, _, _ in drawn for point in points])
    plotext.title(figure.label)
    plotext.xlabel(result.x_name)
    text: str = plotext.build()
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return [line.rstrip() for line in (text if colored else plotext.uncolorize(text)).splitlines()]


def _between(points: Points, count: int, *, log: bool) -> tuple[list[float], list[float]]:
    """The curve at so many places, straight between its points as it is drawn."""
    x, y = (np.array(values) for values in zip(*points, strict=True))
    places = np.linspace(x[0], x[-1], count)
    heights = np.exp(np.interp(places, x, np.log(y))) if log else np.interp(places, x, y)
    return places.tolist(), heights.tolist()


def table(result: Result, width: int) -> list[str]:
    """Aligned columns; the best mean of each is marked. Where there is no room, titles break and spreads go."""
    lines: list[str] = []
    for spreads, broken in ((True, False), (True, True), (False, True)):
        lines = _table(result, spreads, broken)
        if max(map(len, lines)) <= width:
            break
    return lines


def _table(result: Result, spreads: bool, broken: bool) -> list[str]:
    study = result.plan.study
    titles = ["", result.plan.axis, *(_title(result, name) for name in study.columns)]
    body = [[marker, row.label] for row, marker in zip(result.rows, MARKERS, strict=False)]
    marked = False
    for name in study.columns:
        best = _best(result, name)
        marked |= best is not None
        for cells, row in zip(body, result.rows, strict=True):
            mark = " *" if row.figure(name).mean == best else "  " if best is not None else ""
            cells.append(_cell(name, row, spreads) + mark)
    if study.published:
        titles.append("published")
        for cells, row in zip(body, result.rows, strict=True):
            cells.append("" if row.published is None else f"{row.published:g}")
    for cells, row in zip(body, result.rows, strict=True):
        cells.append(_remark(row))
    titles.append("")
    heads = [titles] if not broken else [list(part) for part in zip(*map(_break, titles), strict=True)]
    widths = [max(len(cells[column]) for cells in [*heads, *body]) for column in range(len(titles))]
    lines = ["  ".join(_aligned(cells, widths)).rstrip() for cells in [*heads, *body]]
    return [*lines, _legend(result, marked, spreads)]


def _break(title: str) -> tuple[str, str]:
    """A title on two lines; a single word stands on the lower one."""
    first, _, rest = title.partition(" ")
    return (first, rest) if rest else ("", first)


def _aligned(cells: list[str], widths: list[int]) -> list[str]:
    """Words to the left, figures to the right."""
    last = len(cells) - 1
    pairs = enumerate(zip(cells, widths, strict=True))
    return [cell.ljust(width) if place < 2 or place == last else cell.rjust(width) for place, (cell, width) in pairs]


def _title(result: Result, name: str) -> str:
    if name == "reached" and result.plan.study.target is not None:
        target = result.plan.study.target
        return f"{result.plan.study.by}s to {f'{100 * target:g} %' if result.figure.percent else f'{target:g}'}"
    return FIGURES[name].label


def _cell(name: str, row: Row, spreads: bool) -> str:
    figure, spread = FIGURES[name], row.figure(name)
    if not spread.values:
        return "-"
    text = figure.text(spread.mean)
    if spreads and isfinite(spread.deviation):
        text += f" ± {f'{100 * spread.deviation:.1f}' if figure.percent else f'{spread.deviation:.2g}'}"
    if name == "reached" and len(spread.values) < len(row.outcomes):
        text += f" ({len(spread.values)} of {len(row.outcomes)})"
    return text


def _best(result: Result, name: str) -> float | None:
    """The best mean among the rows that had the figure in every run; None where there is no better or worse."""
    means = [row.figure(name).mean for row in result.rows if len(row.figure(name).values) == len(row.outcomes)]
    alike = len(set(means)) < 2 and len(means) == len(result.rows)
    if not FIGURES[name].better or not means or alike:
        return None
    return max(means) if FIGURES[name].better == "higher" else min(means)


def _remark(row: Row) -> str:
    if not row.diverged:
        return ""
    count = f"{len(row.diverged)} of {len(row.outcomes)} " if len(row.outcomes) > 1 else ""
    return f"{count}diverged {at_steps(row.diverged)}"


def _legend(result: Result, marked: bool, spreads: bool) -> str:
    seeds = result.plan.study.seeds
    spread = " ± standard deviation" if spreads else ""
    about = [f"mean{spread} over {seeds} seeds" if seeds > 1 else "one seed"]
    return "; ".join([*about, "* best"] if marked else about)


def _axes(result: Result, points: Points) -> None:
    """Round ticks: whole ones below, at most ten at the side."""
    figure, (x, y) = result.figure, zip(*points, strict=True)
    places = sorted({round(place) for place in linear_ticks(*widened(min(x), max(x)), 8)})
    plotext.xticks([place for place in places if min(x) <= place <= max(x)])
    low, high = (log_limits if figure.log else linear_limits)(min(y), max(y))
    ticks = (log_ticks if figure.log else linear_ticks)(low, high, 8)
    labels = [f"{100 * value:.3g} %" for value in ticks] if figure.percent else tick_labels(ticks)
    if figure.log:
        plotext.yscale("log")
        low, high = log10(low), log10(high)  # the limits, unlike the ticks, are taken as they are drawn
    plotext.ylim(low, high)
    plotext.yticks(ticks, labels)


def _colors() -> list[str]:
    return [COLORS[place % len(COLORS)] for place in range(len(MARKERS))]
