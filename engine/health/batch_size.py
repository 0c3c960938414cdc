"""A batch that is too small or too large for the noise in its gradient."""

from collections.abc import Iterator

import numpy as np

from engine.health.record import Record
from engine.health.remedies import Remedy
from engine.health.rule import rules
from engine.health.verdict import Finding

FAR = 100.0
"""How many times the batch may be from the noise scale: the source tells the scale, not what is too far."""


@rules.register("batch_size")
def find_wrong_batch_size(record: Record) -> Iterator[Finding]:
    """McCandlish et al. 2018, arXiv 1812.06162: a batch far below the noise scale hardly knows the way; far above it,
    it says what a smaller one would say. Near the end the gradient is noise alone, whatever the batch.
    """
    batch, scale = record.value("batch_size"), record.noise_scale
    if not np.isfinite(scale) or record.learned:
        return
    if scale > FAR * batch:
        yield Finding("amber", "", scale / batch, FAR, *_towards(record, scale / FAR, "a larger batch"))
    elif batch > FAR * scale:
        yield Finding("amber", "", scale / batch, 1 / FAR, *_towards(record, FAR * scale, "a smaller batch"))


def _towards(record: Record, batch: float, words: str) -> Remedy:
    """The nearest power of two that the data allow."""
    cure = record.setting("batch_size", min(2 ** np.rint(np.log2(max(batch, 1))), record.train_count))
    return Remedy(f"{words}: {cure[0].value:g}", cure) if cure else Remedy(words)
