"""A finding about a run's health, and the findings of a run that has ended."""

from collections.abc import Sequence
from math import isfinite, nan
from statistics import fmean, median

import msgspec

from engine.health.exploding import FACTOR, exploding
from engine.health.vanishing import RATIO, SMALLEST, vanishing

RECENT = 10
"""Steps whose mean is what a norm is now."""

WAKE = "ReLU, He initialization or batch normalization"
CALM = "a lower learning rate, or clipping"


class Verdict(msgspec.Struct, frozen=True):
    """Which rule found what, in which layer, at which step; `value` is on the wrong side of `threshold`."""

    rule: str
    level: str
    layer: str
    step: int
    value: float
    threshold: float
    remedy: str


def judge(norms: Sequence[Sequence[float]], layers: Sequence[tuple[str, int]], step: int) -> list[Verdict]:
    """What the gradient norms of the last steps say.   norms: by step, then by layer; layers: (text, parameters).

    A step that is not finite is an explosion in every layer; the rest is judged without it.
    """
    finite = [row for row in norms if all(map(isfinite, row))]
    found = []
    if len(finite) < len(norms):
        found += [Verdict("exploding", "red", text, step, nan, FACTOR, CALM) for text, _ in layers]
    if not finite:
        return found
    typical = [median(column) for column in zip(*finite, strict=True)]
    latest = [fmean(column) for column in zip(*finite[-RECENT:], strict=True)]
    faded = vanishing(typical, [count for _, count in layers])
    for (text, count), norm, level in zip(layers, typical, faded, strict=True):
        value, threshold = (norm / count**0.5, SMALLEST) if level == "red" else (norm / max(typical[-1], 1e-300), RATIO)
        if level:
            found.append(Verdict("vanishing", level, text, step, value, threshold, WAKE))
    for (text, _), now, norm, level in zip(layers, latest, typical, exploding(latest, typical), strict=True):
        if level:
            found.append(Verdict("exploding", level, text, step, now / max(norm, 1e-300), FACTOR, CALM))
    return found
