"""Remedies that several rules know: in words, and as the commands that apply them."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.health.record import Record
from engine.training.commands import Cure, Reinitialize, SetActivation

RIGHT = 1e-3
"""An update ratio that is as it should be; CS231n: "somewhere around 1e-3"."""

LOW, HIGH = 1e-4, 1e-2
"""Those that are too small or too large."""

SQUASHING = ("Sigmoid", "Tanh")
"""Activations whose slope goes to nothing."""

NAMES = {"he": "He", "xavier": "Xavier"}


class Remedy(NamedTuple):
    """What to do, and the commands that do it; none where no command can."""

    words: str
    cure: tuple[Cure, ...] = ()


def together(*remedies: Remedy) -> Remedy:
    """One after the other."""
    some = [remedy for remedy in remedies if remedy.words]
    return Remedy(", ".join(remedy.words for remedy in some), tuple(each for remedy in some for each in remedy.cure))


def rate_for(record: Record, ratio: float) -> Remedy:
    """The learning rate that makes this update ratio about 1e-3; no words where it has that."""
    rate = record.value("learning_rate") * RIGHT / ratio if ratio > 0 else float("nan")
    cure = record.setting("learning_rate", rate)
    return Remedy(f"learning rate {cure[0].value:g}", cure) if cure else Remedy("")


def slower(record: Record) -> Remedy:
    """A lower learning rate where steps were too large since it was set."""
    return rate_for(record, begun(record, record.largest_step)) if record.largest_step > HIGH else Remedy("")


def begun(record: Record, ratio: float) -> float:
    """The ratio that a network which begins anew would have: what wild steps have left has another."""
    return record.first_step if record.first_step > RIGHT else ratio


def draw_anew(record: Record, label: str = "") -> Remedy:
    """Weights from the distribution that suits the activation: of one layer, or of all."""
    layers = [layer for layer in record.layers if layer.activation] or list(record.layers)
    inits = {layer.init for layer in layers if not label or layer.label == label}
    init = inits.pop() if len(inits) == 1 else "auto"
    what = f"{NAMES[init]} initialization" if init in NAMES else "initialization by activation"
    return Remedy(f"{what} anew", (Reinitialize(label, init),))


def other_activations(record: Record, labels: Sequence[str], activation: str) -> Remedy:
    """Another activation behind these layers, where they have others."""
    changed = [layer for layer in record.layers if layer.label in labels and layer.activation not in ("", activation)]
    if not changed:
        return Remedy("")
    names = " and ".join(sorted({layer.activation for layer in changed}))
    return Remedy(f"{activation} for {names}", tuple(SetActivation(layer.label, activation) for layer in changed))


def rectifiers(record: Record) -> Remedy:
    """ReLU in place of whatever squashes, with the weights that it needs: gradients pass it as they are."""
    squashed = [layer.label for layer in record.layers if layer.activation.startswith(SQUASHING)]
    if not squashed:
        return draw_anew(record)
    drawn = Remedy("He initialization anew", (Reinitialize("", "he"),))
    return together(other_activations(record, squashed, "ReLU"), drawn)


def clip(record: Record, norm: float) -> Remedy:
    """No gradient longer than the usual norm."""
    cure = record.setting("clip_norm", norm)
    return Remedy(f"clip the gradient at its usual norm, {float(f'{norm:.2g}'):g}", cure)
