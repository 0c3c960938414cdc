"""A network that learns its training samples by heart."""

from collections.abc import Iterator

from engine.health.record import EpochFigures, Record
from engine.health.remedies import Remedy
from engine.health.rule import rules
from engine.health.verdict import Finding
from engine.training.commands import SetAugmentation

GAP = 0.1
"""(validation loss - training loss) / training loss: Amazon SageMaker Debugger's default."""

FELT = 0.1
"""How much of what was learned the network cannot do elsewhere: accuracy that validation is behind by; of numbers, the
difference of the losses as a share of the first. A loss alone rises as soon as a network is sure of itself."""

LASTING, RISE = 3, 0.05
"""Red: at the ends of so many epochs, validation was worse than its best before by that share."""


@rules.register("overfit")
def find_overfit(record: Record) -> Iterator[Finding]:
    """At the ends of epochs: validation beside training, and whether validation has become worse."""
    if not record.epochs:
        return
    last = record.epochs[-1]
    gap = (last.validation - last.train) / last.train if last.train > 0 else 0.0
    if gap > GAP and _behind(record, last) > FELT:
        yield Finding("red" if _worse(record.epochs) else "amber", "", gap, GAP, *_remedy(record))


def _behind(record: Record, last: EpochFigures) -> float:
    if last.validation_accuracy == last.validation_accuracy:
        return last.train_accuracy - last.validation_accuracy
    return (last.validation - last.train) / record.first_loss


def _worse(epochs: tuple[EpochFigures, ...]) -> bool:
    before, after = epochs[:-LASTING], epochs[-LASTING:]
    best = min((epoch.validation for epoch in before), default=float("inf"))
    return all(epoch.validation > (1 + RISE) * best for epoch in after)


def _remedy(record: Record) -> Remedy:
    """More data is best, and pictures can be varied; else what keeps weights from fitting each sample."""
    if record.pictures:
        return Remedy("affine augmentation: more data out of these", (SetAugmentation("affine"),))
    if "dropout" in record.hyperparameters:
        cure = record.setting("dropout", min(0.5, record.value("dropout") + 0.2))
    else:
        cure = record.setting("weight_decay", max(1e-4, 10 * record.value("weight_decay")))
    if not cure:
        return Remedy("more data, dropout or weight decay")
    return Remedy(f"{cure[0].name.replace('_', ' ')} {cure[0].value:g}, or more data", cure)
