"""Rectifiers that never let anything through."""

from collections.abc import Iterator

from engine.health.record import MOST, Record
from engine.health.rule import rules
from engine.health.verdict import Finding, Level

ACTIVE = 0.01
"""A unit is dead that is active on a smaller share of the probe set."""

SOME = 0.1
"""Share of a layer's units that is amber."""


@rules.register("dead_units")
def find_dead_units(record: Record) -> Iterator[Finding]:
    """By layer, the share of its units that are dead. No gradient reaches them, so they cannot come back."""
    for activation in record.activations:
        share = activation.dead
        if share > SOME:
            level: Level
            level, threshold = ("red", MOST) if share > MOST else ("amber", SOME)
            remedy = "LeakyReLU in its place, or He initialization anew and a lower learning rate"
            yield Finding(level, activation.layer, share, threshold, remedy)
