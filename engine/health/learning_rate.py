"""A learning rate that is too high or too low for the network as a whole."""

from collections.abc import Iterator

import numpy as np

from engine.health.record import Record
from engine.health.rule import rules
from engine.health.update_ratio import HIGH, LOW, rate_for
from engine.health.verdict import Cure, Finding

FORGETTING = 1.0
"""An update ratio that leaves nothing of what the weights were."""

LEARNED = 0.5
"""Share of the first loss: above it, small steps are too small; below it, they may be fine ones near the end."""


@rules.register("learning_rate")
def find_wrong_learning_rate(record: Record) -> Iterator[Finding]:
    """Too high: steps were above 1e-2 of the weights, and the loss is no lower than before the first step; or one was
    as long as the weights themselves, and has left most units of a layer dead or saturated.

    Too low: steps are below 1e-4 of the weights in the middle layer of all, and most of the loss is still there.
    """
    if not record.ratios.size or not np.isfinite(record.initial_loss):
        return
    now = float(np.median(record.typical_ratios)) / (record.schedule_factor or 1.0)
    highest = max(now, record.largest_ratio) if np.isfinite(record.largest_ratio) else now
    if record.largest_step > FORGETTING and record.crippled:
        yield Finding("red", "", record.largest_step, FORGETTING, *_anew(record))
    elif highest > HIGH and record.loss >= record.initial_loss:
        yield Finding("red", "", highest, HIGH, *rate_for(record, highest))
    elif not record.crippled and now < LOW and highest < HIGH and record.loss > LEARNED * record.initial_loss:
        yield Finding("amber", "", now, LOW, *rate_for(record, now))


def _anew(record: Record) -> tuple[str, Cure | None]:
    words, cure = rate_for(record, record.largest_step)
    return f"{words}, and restart: what is dead does not come back", cure
