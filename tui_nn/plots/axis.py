"""Round numbers: where an axis ends, where its ticks are, how a number is written short."""

from __future__ import annotations

import functools
import math
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

Scale: TypeAlias = Literal["linear", "log"]
Limits: TypeAlias = tuple[float, float]

LARGEST = 1e300
"""Beyond it a difference of two numbers may overflow, so a plot takes such a number for infinite."""
SMALLEST = 1e-290


class Tick(NamedTuple):
    cell: int
    value: float
    label: str


def short_number(value: float, digits: int = 3, *, keep_zeros: bool = False) -> str:
    """At most `digits` significant digits: 0.001, 1.5e-5, 12k, 1.2M.

    `keep_zeros` writes 0.120 for 0.12, for numbers that change in place and should not jump.
    """
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    # Rounded first, so that 999.6 is written 1k and not 1000.
    mantissa, exponent_text = f"{value:.{digits - 1}e}".split("e")
    exponent = int(exponent_text)
    if float(mantissa) == 0:
        return f"{0:.{digits - 1}f}" if keep_zeros else "0"
    unit = min(exponent // 3, 4) if exponent >= 3 else 0
    if exponent < -3 or exponent >= 15:
        return (mantissa if keep_zeros else _trim(mantissa)) + f"e{exponent}"
    text = f"{float(f'{mantissa}e{exponent - 3 * unit}'):.{max(digits - 1 - exponent + 3 * unit, 0)}f}"
    return (text if keep_zeros else _trim(text)) + ("", "k", "M", "B", "T")[unit]


def linear_limits(low: float, high: float, count: int = 10) -> Limits:
    """The bounds moved outward to multiples of a round step, about `count` of them in between.

    They move in steps while the data grow, so that most frames leave the axis and the old points alone.
    """
    low, high = widened(low, high)
    step = _round_step(high - low, count)
    return _clean(math.floor(low / step + 1e-9) * step), _clean(math.ceil(high / step - 1e-9) * step)


def log_limits(low: float, high: float) -> Limits:
    """The bounds moved outward to 1, 2 or 5 times a power of ten, always different."""
    if not (0 < low <= high and math.isfinite(high)):
        return 0.1, 1.0
    low, high = (min(max(end, SMALLEST), LARGEST) for end in (low, high))
    below = max(value for value in _round_values_near(low) if value <= low * (1 + 1e-9))
    above = min(value for value in _round_values_near(high) if value >= high * (1 - 1e-9))
    if below < above:
        return below, above
    near = _round_values_near(below)
    return max(value for value in near if value < below), min(value for value in near if value > below)


def widened(low: float, high: float) -> Limits:
    """Bounds that are finite, in order and apart: a constant gets a tenth of itself on either side."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    low, high = (max(-LARGEST, min(end, LARGEST)) for end in (min(low, high), max(low, high)))
    size = max(abs(low), abs(high))
    if high - low > max(size * 1e-9, SMALLEST):
        return low, high
    return (low - size / 10, high + size / 10) if size > SMALLEST * 100 else (0.0, 1.0)


def fraction(value: float, limits: Limits, scale: Scale) -> float:
    """Where the value lies between the limits: 0 at the lower, 1 at the upper."""
    low, high = limits
    if scale == "log":
        value, low, high = math.log10(value), math.log10(low), math.log10(high)
    return (value - low) / (high - low)


@functools.lru_cache(maxsize=64)  # limits move in steps, so most frames have the ticks of the one before
def place_ticks(limits: Limits, cells: int, dots: int, *, scale: Scale, horizontal: bool) -> tuple[Tick, ...]:
    """As many round ticks as keep apart on an axis of `cells`, each of `dots` dots; two if there are two cells.

    Labels side by side need their own width between them, labels below one another only a row.
    """
    if cells < 1:
        return ()
    most = cells // 8 if horizontal else min(cells // 2, 6 if scale == "linear" else 10)
    for relaxed in (False, True):
        for count in range(max(most, 2), 0, -1):
            values = log_ticks(*limits, count) if scale == "log" else linear_ticks(*limits, count)
            labels = tick_labels(values)
            places = [round(fraction(value, limits, scale) * (cells * dots - 1)) // dots for value in values]
            gap = max(map(len, labels), default=0) + (1 if relaxed else 4) if horizontal else 1 if relaxed else 2
            if len(values) > 1 and all(b - a >= gap for a, b in pairwise(places)):
                return tuple(Tick(*tick) for tick in zip(places, values, labels, strict=True))
    if cells == 1 or horizontal:
        return (Tick(0, limits[0], short_number(limits[0])),)
    low, high = tick_labels(list(limits))
    return Tick(0, limits[0], low), Tick(cells - 1, limits[1], high)


def linear_ticks(low: float, high: float, count: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten between the limits, in at most `count` steps."""
    step = _round_step(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [_clean(index * step) for index in range(first, last + 1)]


def log_ticks(low: float, high: float, count: int) -> list[float]:
    """Powers of ten, every k-th if there are many, with 2 and 5 times each if there are few."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    decades = range(first, last + 1)
    if len(decades) < 3:
        near = sorted({value for end in (low, high) for value in _round_values_near(end)})
        fine = [value for value in near if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]
        if len(fine) - 1 <= count or len(decades) < 2:
            return fine if len(fine) > 1 else linear_ticks(low, high, count)
    every = next((k for k in (1, 2, 3, 5, 10, 20, 50, 100, 200) if (len(decades) - 1) // k <= count), 500)
    return [float(f"1e{exponent}") for exponent in decades if exponent % every == 0]


def tick_labels(values: list[float]) -> list[str]:
    """Labels that differ: plain with equal decimals where that is short, else as `short_number`."""
    largest = max(map(abs, values), default=0.0)
    step = values[1] - values[0] if len(values) > 1 else 0.0
    multiples = step > 0 and all(abs(math.remainder(value, step)) < 1e-6 * step for value in values)
    if multiples and step >= 1e-4 and 1e-2 <= largest < 1e4:
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return [f"{value:.{decimals}f}" if value else "0" for value in values]
    for digits in range(3, 12):
        labels = [short_number(value, digits) for value in values]
        if len(set(labels)) == len(labels):
            break
    return labels


def _round_step(span: float, count: int) -> float:
    step = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(step))
    return next((power * m for m in (1, 2, 5) if power * m >= step * (1 - 1e-9)), power * 10)


def _round_values_near(value: float) -> list[float]:
    exponent = math.floor(math.log10(value))
    return [float(f"{m}e{e}") for e in (exponent - 1, exponent, exponent + 1) for m in (1, 2, 5)]


def _clean(value: float) -> float:
    """0.3 for 0.1 * 3."""
    return float(f"{value:.12g}") + 0.0


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
