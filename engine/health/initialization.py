"""A poor start."""

from collections.abc import Iterator
from itertools import pairwise
from math import log

from engine.health.record import Record
from engine.health.remedies import LOW, Remedy, draw_anew
from engine.health.rule import rules
from engine.health.verdict import Finding
from engine.training.commands import Reinitialize

OFF = 0.1
"""How far the first loss may be from ln(classes), as a share of it: amber (CS231n, "Before learning")."""

FAR = 1.0
"""The same for red: as sure of wrong answers as if there were the square of as many classes."""

SPREAD = 10.0
"""The largest ratio of the variances of neighbouring activations."""


SMALL = "normal(0.01)"
"""The start of a last layer that prefers no class."""

RAW = 5.0
"""Root mean square of inputs that nobody has standardized: then it is 1; of pixels in 0..255 it is 80."""


@rules.register("initialization")
def find_poor_start(record: Record) -> Iterator[Finding]:
    """While the loss is no better than a guess, ln(classes): how the run began.

    A start that training has overcome is no finding.
    """
    if not record.classes or not record.loss >= (1 - OFF) * log(record.classes):
        return
    guess, first = log(record.classes), record.initial_loss
    if first > (1 + FAR) * guess and record.loss > guess:
        yield Finding("red", "", first, (1 + FAR) * guess, *_begin_anew(record))
    elif first > (1 + OFF) * guess and record.loss > guess and record.suffers and record.largest_step > LOW:
        yield Finding("amber", "", first, (1 + OFF) * guess, *_unsure(record))
    for before, after in pairwise(record.initial_activations):
        low, high = sorted((before.variance, after.variance))
        if high > SPREAD * low and record.suffers:
            ratio = high / low if low > 0 else float("inf")
            yield Finding("red", after.layer, ratio, SPREAD, *_begin_anew(record))


def _begin_anew(record: Record) -> Remedy:
    """Where the inputs are to blame, no weights mend it, and no command: they are the maker's."""
    if record.input_size > RAW:
        return Remedy(f"standardize the inputs: their root mean square is {record.input_size:.2g}, not 1")
    return draw_anew(record)


def _unsure(record: Record) -> Remedy:
    """Outputs near nothing are a guess among all classes."""
    last = record.layers[-1].label
    return Remedy(f"small weights in {last}", (Reinitialize(last, SMALL),))
