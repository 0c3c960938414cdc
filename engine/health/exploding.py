"""The exploding gradient."""

from collections.abc import Sequence
from math import isfinite

FACTOR = 10
"""How far above its own median a norm may rise."""


def exploding(recent: Sequence[float], medians: Sequence[float]) -> list[str]:
    """By layer "red" for a norm that is not finite, "amber" for one above `FACTOR` times its median, else "".

    recent: means over the last few reports; medians: over a window before; both by layer.
    """
    return [
        "red" if not isfinite(now) else "amber" if now > FACTOR * median else ""
        for now, median in zip(recent, medians, strict=True)
    ]
