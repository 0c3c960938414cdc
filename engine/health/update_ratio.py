"""Steps too large or too small for the weights that they move."""

from collections.abc import Iterator

from engine.health.record import Record
from engine.health.remedies import HIGH, LOW, RIGHT, Remedy, rate_for
from engine.health.rule import rules
from engine.health.verdict import Finding, Level

LOWEST, HIGHEST = 1e-8, 10.0
"""Red beyond them, amber beyond `LOW` and `HIGH`: Amazon SageMaker Debugger's defaults."""


@rules.register("update_ratio")
def find_update_ratio(record: Record) -> Iterator[Finding]:
    """The median of the window, by layer that is not frozen.

    A schedule that lets steps become small means to: it is reckoned out. Large steps are no finding while the loss
    falls, nor are small ones once it has fallen: then there is little left to do.
    """
    ratios = record.typical_ratios.tolist()
    for layer, ratio in zip(record.moving, ratios, strict=False):
        meant = ratio / record.schedule_factor if record.schedule_factor > 0 else RIGHT
        level: Level
        if ratio > HIGHEST or (ratio > HIGH and record.suffers):
            level, threshold = ("red", HIGHEST) if ratio > HIGHEST else ("amber", HIGH)
            yield Finding(level, layer.label, ratio, threshold, *_lower(record, ratio))
        elif meant < LOW and not record.learned:
            level, threshold = ("red", LOWEST) if meant < LOWEST else ("amber", LOW)
            yield Finding(level, layer.label, ratio, threshold, *_higher(record, meant, max(ratios)))


def _lower(record: Record, ratio: float) -> Remedy:
    return rate_for(record, ratio) if rate_for(record, ratio).cure else Remedy("smaller steps")


def _higher(record: Record, ratio: float, largest: float) -> Remedy:
    """As far as no other layer's steps become too large."""
    if record.crippled:
        return Remedy("look at the dead or saturated units first: no learning rate wakes them")
    if not ratio > 0 or largest / (record.schedule_factor or 1.0) > RIGHT:
        return Remedy("look why its gradient is less than that of the others: no learning rate suits both")
    return rate_for(record, ratio if ratio * HIGH > largest * RIGHT else largest)
