"""A network that learns its training samples by heart."""

from collections.abc import Iterator
from itertools import pairwise

from engine.health.record import Record
from engine.health.rule import rules
from engine.health.verdict import Finding
from engine.training.commands import SetHyperparameter

GAP = 0.1
"""(validation loss - training loss) / training loss: Amazon SageMaker Debugger's default."""

RISING = 3
"""Evaluations in a row that the validation loss rises: then it is red."""


@rules.register("overfit")
def find_overfit(record: Record) -> Iterator[Finding]:
    """At the ends of epochs: validation beside training, and whether validation becomes worse."""
    if not record.epochs:
        return
    train, validation = record.epochs[-1]
    gap = (validation - train) / train if train > 0 else 0.0
    if not gap > GAP:
        return
    remedy, cure = "more data, augmentation, dropout or weight decay", None
    if "dropout" in record.hyperparameters:
        cure = record.setting("dropout", min(0.5, record.value("dropout") + 0.2))
    elif "weight_decay" in record.hyperparameters:
        cure = record.setting("weight_decay", max(1e-4, 10 * record.value("weight_decay")))
    if isinstance(cure, SetHyperparameter):
        remedy = f"{cure.name.replace('_', ' ')} {cure.value:g}; or more data, augmentation"
    last = [epoch.validation for epoch in record.epochs[-RISING - 1 :]]
    rising = len(last) > RISING and all(after > before for before, after in pairwise(last))
    yield Finding("red" if rising else "amber", "", gap, GAP, remedy, cure)
