"""A learning rate that is too high or too low for the network as a whole."""

from collections.abc import Iterator

import numpy as np

from engine.health.record import Record, medians
from engine.health.remedies import HIGH, LOW, Remedy, begun, draw_anew, rate_for, together
from engine.health.rule import rules
from engine.health.verdict import Finding

FORGETTING = 1.0
"""An update ratio that leaves nothing of what the weights were."""

UNLEARNED = 0.5
"""Share of the first loss: above it, small steps are too small; below it, they may be fine ones near the end."""


@rules.register("learning_rate")
def find_wrong_learning_rate(record: Record) -> Iterator[Finding]:
    """Too high: steps were above 1e-2 of the weights, and the loss is no lower than that of a guess; or one was as
    long as the weights themselves, and has left most units of a layer dead or saturated.

    Too low: steps are below 1e-4 of the weights in the middle layer of all, and most of the loss is still there.
    """
    if not record.typical_ratios.size or not np.isfinite(record.first_loss):
        return
    now = float(medians(record.typical_ratios)) / (record.schedule_factor or 1.0)
    highest = float(np.fmax(now, record.largest_ratio))
    if record.largest_step > FORGETTING and record.crippled and not record.learned:
        yield Finding("red", "", record.largest_step, FORGETTING, *_anew(record, record.largest_step))
    elif highest > HIGH and record.loss >= record.first_loss:
        yield Finding("red", "", highest, HIGH, *_anew(record, highest))
    elif not record.crippled and now < LOW and highest < HIGH and record.loss > UNLEARNED * record.first_loss:
        yield Finding("amber", "", now, LOW, *_higher(record, now))


def _anew(record: Record, ratio: float) -> Remedy:
    """What such steps have left is no start: dead units do not come back."""
    return together(rate_for(record, begun(record, ratio)), draw_anew(record))


def _higher(record: Record, ratio: float) -> Remedy:
    found = rate_for(record, ratio)
    return found if found.cure else Remedy("look why the gradient is nothing: no learning rate would help")
