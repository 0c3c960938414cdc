"""A loss that does not fall."""

from collections.abc import Iterator

from engine.health.record import Record
from engine.health.rule import rules
from engine.health.verdict import Finding

EVALUATIONS = 10
"""Over which it must fall."""

LEAST = 0.001
"""By this share of itself: Amazon SageMaker Debugger's default."""

RISE = 0.05
"""Red: it has risen by this share."""


@rules.register("stalled")
def find_stalled_loss(record: Record) -> Iterator[Finding]:
    """The training loss of the last ten quarters of epochs: of the later half beside the earlier, for one is noisy.

    Where there is little left to fall, it neither falls nor rises by much of what there was.
    """
    losses = record.evaluations[-EVALUATIONS:]
    if len(losses) < EVALUATIONS or record.learned:
        return
    half = EVALUATIONS // 2
    before, after = sum(losses[:half]) / half, sum(losses[half:]) / half
    fall = 1 - after / before if before > 0 else 1.0
    if fall < -RISE:
        lower = record.setting("learning_rate", record.value("learning_rate") / 10)
        words = f"learning rate {lower[0].value:g}" if lower else "a lower learning rate"
        yield Finding("red", "", fall, -RISE, words, lower)
    elif fall < LEAST:
        yield Finding("amber", "", fall, LEAST, "another learning rate, or the end of the run: it learns no more")
