"""The vanishing gradient."""

from collections.abc import Iterator, Sequence

from engine.health.record import Record
from engine.health.rule import rules
from engine.health.verdict import Finding

RATIO = 1 / 20
"""A layer's norm over the last layer's, below which it hardly learns beside it."""

SMALLEST = 1e-7
"""Root mean square of a gradient that changes nothing: Amazon SageMaker Debugger's default threshold."""

NOTHING = 1e-300


def vanishing(norms: Sequence[float], parameter_counts: Sequence[int]) -> list[str]:
    """By layer "red", "amber" or "": red below `SMALLEST` as root mean square, amber below `RATIO` of the last layer.

    norms: typical gradient norms of a window, first layer to last.
    """
    return [
        "red" if norm < SMALLEST * count**0.5 else "amber" if norm < RATIO * norms[-1] else ""
        for norm, count in zip(norms, parameter_counts, strict=True)
    ]


@rules.register("vanishing")
def find_vanishing(record: Record) -> Iterator[Finding]:
    """The median norms of the window; red is told as root mean square, amber as the share of the last layer's norm."""
    norms = record.typical_norms.tolist()
    if not norms:
        return
    for layer, norm, level in zip(
        record.layers, norms, vanishing(norms, [layer.parameters for layer in record.layers]), strict=True
    ):
        remedy = "ReLU, He initialization or batch normalization keep it alive"
        if level == "red":
            yield Finding("red", layer.label, norm / layer.parameters**0.5, SMALLEST, remedy)
        elif level:
            yield Finding("amber", layer.label, norm / max(norms[-1], NOTHING), RATIO, remedy)
