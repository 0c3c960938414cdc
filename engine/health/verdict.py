"""A finding about a run's health, and the findings of a run that has ended."""

from collections.abc import Sequence
from statistics import median

import msgspec

from engine.health.exploding import FACTOR, exploding
from engine.health.vanishing import RATIO, SMALLEST, vanishing


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
    """What the gradient norms of the last steps say.   norms: by step, then by layer; layers: (text, parameters)."""
    if not norms:
        return []
    typical = [median(column) for column in zip(*norms, strict=True)]
    latest = list(norms[-1])
    found = []
    faded = vanishing(typical, [count for _, count in layers])
    for (text, count), norm, level in zip(layers, typical, faded, strict=True):
        value, threshold = (norm / count**0.5, SMALLEST) if level == "red" else (norm / max(typical[-1], 1e-300), RATIO)
        if level:
            remedy = "ReLU, He initialization or batch normalization"
            found.append(Verdict("vanishing", level, text, step, value, threshold, remedy))
    for (text, _), now, norm, level in zip(layers, latest, typical, exploding(latest, typical), strict=True):
        if level:
            remedy = "a lower learning rate, or clipping"
            found.append(Verdict("exploding", level, text, step, now / max(norm, 1e-300), FACTOR, remedy))
    return found
