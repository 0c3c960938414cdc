"""The vanishing gradient."""

from collections.abc import Sequence

RATIO = 1 / 20
"""A layer's norm over the last layer's, below which it hardly learns beside it."""

SMALLEST = 1e-7
"""Root mean square of a gradient that changes nothing: Amazon SageMaker Debugger's default threshold."""


def vanishing(norms: Sequence[float], parameter_counts: Sequence[int]) -> list[str]:
    """By layer "red", "amber" or "": red below `SMALLEST` as root mean square, amber below `RATIO` of the last layer.

    norms: typical gradient norms of a window, first layer to last.
    """
    return [
        "red" if norm < SMALLEST * count**0.5 else "amber" if norm < RATIO * norms[-1] else ""
        for norm, count in zip(norms, parameter_counts, strict=True)
    ]
