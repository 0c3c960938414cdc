"""Figures from repeated measurements, and the tables that show them."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """A figure measured several times."""

    median: float
    low: float
    high: float


class Latency(NamedTuple):
    """Times in milliseconds: the middle, the 95th percentile, the longest."""

    median_ms: float
    p95_ms: float
    max_ms: float
    presses: int


def spread(values: Sequence[float]) -> Spread:
    """Median and extremes."""
    return Spread(statistics.median(values), min(values), max(values))


def latency(times_ms: Sequence[float]) -> Latency:
    """The figures of a list of times that is not empty."""
    return Latency(statistics.median(times_ms), percentile(times_ms, 0.95), max(times_ms), len(times_ms))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed (nearest rank): one that was measured."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def spread_cell(figure: Mapping[str, float] | None, factor: float = 1, decimals: int = 2) -> str:
    """Median and extremes for a table, from a spread's fields by name."""
    if figure is None:
        return "unknown"
    median, low, high = (f"{figure[name] * factor:,.{decimals}f}" for name in Spread._fields)
    return f"{median} ({low}-{high})"


def table(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Rows of cells of equal count, aligned: the first `left` columns to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(f"{cell:{'<' if index < left else '>'}{widths[index]}}" for index, cell in enumerate(row))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
