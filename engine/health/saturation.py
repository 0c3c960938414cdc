"""Units where their function is flat."""

from collections.abc import Iterator

from engine.health.record import MOST, Record
from engine.health.remedies import draw_anew, slower, together
from engine.health.rule import rules
from engine.health.verdict import Finding, Level

TANH, SIGMOID = 0.97, 0.03
"""Flat: |tanh| above the one, a sigmoid closer than the other to 0 or 1."""

SOME = 0.25
"""Share of a layer's units that is amber."""


@rules.register("saturation")
def find_saturation(record: Record) -> Iterator[Finding]:
    """By layer, the share of its units that are saturated: their slope is near 0, and so is the gradient behind it.

    While the loss falls, or once it has fallen, units are as sure as they should be.
    """
    labels = [activation.layer for activation in record.activations if activation.saturated > SOME]
    anew = draw_anew(record, labels[0] if len(labels) == 1 else "")
    for activation in record.activations:
        share = activation.saturated
        if share > SOME and record.suffers:
            level: Level
            level, threshold = ("red", MOST) if share > MOST else ("amber", SOME)
            yield Finding(level, activation.layer, share, threshold, *together(slower(record), anew))
