"""Rectifiers that never let anything through."""

from collections.abc import Iterator

from engine.health.record import MOST, Record
from engine.health.remedies import Remedy, draw_anew, other_activations, slower, together
from engine.health.rule import rules
from engine.health.verdict import Finding, Level

ACTIVE = 0.01
"""A unit is dead that is active on a smaller share of the probe set."""

SOME = 0.1
"""Share of a layer's units that is amber."""


@rules.register("dead_units")
def find_dead_units(record: Record) -> Iterator[Finding]:
    """By layer, the share of its units that are dead: no gradient reaches them, so they do not come back by themselves.

    A layer can do without some: that is no finding while the loss falls, or has fallen.
    """
    for activation in record.activations:
        share = activation.dead
        if share > SOME and record.suffers:
            level: Level
            level, threshold = ("red", MOST) if share > MOST else ("amber", SOME)
            yield Finding(level, activation.layer, share, threshold, *_wake(record))


def _wake(record: Record) -> Remedy:
    """Smaller steps, or they would die again; a function that lets some gradient through; and another start.

    All layers with dead units together: one that is awake learns nothing between others that are not.
    """
    labels = [activation.layer for activation in record.activations if activation.dead > SOME]
    anew = draw_anew(record, labels[0] if len(labels) == 1 else "")
    return together(slower(record), other_activations(record, labels, "LeakyReLU"), anew)
