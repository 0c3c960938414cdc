"""The vanishing gradient."""

from collections.abc import Iterator, Sequence

from engine.health.record import Record
from engine.health.remedies import rectifiers
from engine.health.rule import rules
from engine.health.verdict import Finding

RATIO = 1 / 20
"""A layer's root mean square over the last layer's, below which it hardly learns beside it."""

SMALLEST = 1e-7
"""Root mean square of a gradient that changes nothing: Amazon SageMaker Debugger's default threshold."""


def vanishing(norms: Sequence[float], parameter_counts: Sequence[int]) -> list[str]:
    """By layer "red", "amber" or "": red below `SMALLEST` as root mean square, amber below `RATIO` of the last layer's.

    norms: typical gradient norms of a window, first layer to last; the root mean square of n numbers is norm / sqrt(n).
    """
    sizes = _root_mean_squares(norms, parameter_counts)
    return ["red" if size < SMALLEST else "amber" if size < RATIO * sizes[-1] else "" for size in sizes]


@rules.register("vanishing")
def find_vanishing(record: Record) -> Iterator[Finding]:
    """The first layer whose gradient vanishes, by the median norms of the window.

    Red is told as root mean square, amber as the share of the last layer's. Where there is nothing left to learn, a
    gradient is small as it should be.
    """
    norms, counts = record.typical_norms.tolist(), [layer.parameters for layer in record.layers]
    if not norms or record.learned:
        return
    levels, sizes = vanishing(norms, counts), _root_mean_squares(norms, counts)
    for wanted in ("red", "amber"):
        for layer, level, size in zip(record.layers, levels, sizes, strict=True):
            if level == wanted == "red":
                yield Finding("red", layer.label, size, SMALLEST, *rectifiers(record))
                return
            if level == wanted:
                yield Finding("amber", layer.label, size / sizes[-1], RATIO, *rectifiers(record))
                return


def _root_mean_squares(norms: Sequence[float], counts: Sequence[int]) -> list[float]:
    return [norm / count**0.5 for norm, count in zip(norms, counts, strict=True)]
