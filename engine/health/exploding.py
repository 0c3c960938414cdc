"""The exploding gradient."""

from collections.abc import Iterator, Sequence
from math import isfinite

import numpy as np

from engine.health.record import RECENT, Record
from engine.health.record import medians as medians_of
from engine.health.remedies import clip
from engine.health.rule import rules
from engine.health.verdict import Finding

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


@rules.register("exploding")
def find_exploding(record: Record) -> Iterator[Finding]:
    """The global norm: its mean over the last steps beside its median over the window."""
    if not record.norms.size:
        return
    norms = np.sqrt(np.square(record.norms).sum(axis=1))
    now, median = float(norms[-RECENT:].mean()), float(medians_of(norms))
    if exploding([now], [median]) != [""]:
        yield Finding("amber", "", now, FACTOR * median, *clip(record, median))
