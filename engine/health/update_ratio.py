"""Steps too large or too small for the weights that they move."""

from collections.abc import Iterator

from engine.health.record import Record
from engine.health.rule import rules
from engine.health.verdict import Cure, Finding, Level
from engine.training.commands import SetHyperparameter

RIGHT = 1e-3
"""CS231n: "somewhere around 1e-3"."""

LOW, HIGH = 1e-4, 1e-2
"""Amber beyond them."""

LOWEST, HIGHEST = 1e-8, 10.0
"""Red beyond them: Amazon SageMaker Debugger's defaults."""


@rules.register("update_ratio")
def find_update_ratio(record: Record) -> Iterator[Finding]:
    """The median of the window, by layer. A schedule that lets steps become small means to: it is reckoned out."""
    for layer, ratio in zip(record.layers, record.typical_ratios.tolist(), strict=False):
        meant = ratio / record.schedule_factor if record.schedule_factor > 0 else RIGHT
        level: Level
        if ratio > HIGH:
            level, threshold = ("red", HIGHEST) if ratio > HIGHEST else ("amber", HIGH)
            yield Finding(level, layer.label, ratio, threshold, *rate_for(record, ratio))
        elif meant < LOW:
            level, threshold = ("red", LOWEST) if meant < LOWEST else ("amber", LOW)
            yield Finding(level, layer.label, ratio, threshold, *rate_for(record, meant))


def rate_for(record: Record, ratio: float) -> tuple[str, Cure | None]:
    """In words and as a command: the learning rate that makes this ratio about 1e-3, if the rate is to blame."""
    if ratio < RIGHT and record.crippled:
        return "look at the dead or saturated units first; no learning rate wakes them", None
    rate = record.value("learning_rate") * RIGHT / ratio if ratio > 0 else float("inf")
    cure = record.setting("learning_rate", rate)
    if isinstance(cure, SetHyperparameter):
        return f"learning rate {cure.value:g}", cure
    return "look why its gradient is nothing; no learning rate would help", None
