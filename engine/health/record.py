"""All that the rules know of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.health.verdict import Cure
from engine.hyperparameters import Hyperparameter
from engine.training.commands import SetHyperparameter

WINDOW = 100
"""Steps that a look covers."""

MOST = 0.5
"""Share of a layer's units; dead or saturated, they are red: Amazon SageMaker Debugger's defaults."""

RECENT = 10
"""Steps whose mean is what a figure is now."""


class LayerFacts(NamedTuple):
    """A layer that learns: what it is called, and how many numbers it learns."""

    label: str
    parameters: int


class Activation(NamedTuple):
    """What a hidden activation gives for the probe set: shares of its units, and the variance of all it gives.

    `dead`: active on too few samples; `saturated`: where the function is flat, the mean over the samples. `layer` is
    the label of the layer with weights before it. NaN for a kind that cannot be so.
    """

    layer: str
    kind: Literal["ReLU", "LeakyReLU", "Sigmoid", "Tanh"]
    dead: float = nan
    saturated: float = nan
    variance: float = nan


class EpochLosses(NamedTuple):
    """Mean training loss over an epoch's steps, and the validation loss at its end."""

    train: float
    validation: float


def _nothing() -> Array:
    return np.zeros((0, 0))


@dataclass(frozen=True)
class Record:
    """Figures up to `step`; arrays are (steps, layers) or (steps,) of the last `WINDOW` steps. Norms are unclipped."""

    step: int
    layers: tuple[LayerFacts, ...] = ()
    norms: Array = field(default_factory=_nothing)
    ratios: Array = field(default_factory=_nothing)
    losses: Array = field(default_factory=lambda: np.zeros(0))
    largest_ratio: float = nan
    """Of the layers' medians at earlier looks, since the learning rate was set."""
    largest_step: float = nan
    """The same of single steps."""
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    schedule_factor: float = 1.0
    """What the schedule makes of the learning rate now."""
    train_count: int = 0
    classes: int = 0
    """0 where the answers are numbers, or the loss is no cross-entropy."""
    initial_loss: float = nan
    """Of the validation split before the first step."""
    evaluations: tuple[float, ...] = ()
    """Mean training losses of the last quarters of epochs."""
    epochs: tuple[EpochLosses, ...] = ()
    activations: tuple[Activation, ...] = ()
    initial_activations: tuple[Activation, ...] = ()
    noise_scale: float = nan

    @property
    def crippled(self) -> bool:
        """Whether most units of a layer are dead or saturated: small steps are then no matter of the rate."""
        return any(activation.dead > MOST or activation.saturated > MOST for activation in self.activations)

    @property
    def loss(self) -> float:
        """What it is now: the median of the window."""
        return float(np.median(self.losses)) if self.losses.size else nan

    @property
    def typical_norms(self) -> Array:
        """Medians of the window by layer."""
        return _median(self.norms)

    @property
    def typical_ratios(self) -> Array:
        """Medians of the window by layer."""
        return _median(self.ratios)

    def value(self, name: str) -> float:
        """Of a hyperparameter; NaN for one that the run has not."""
        return self.hyperparameters[name].value if name in self.hyperparameters else nan

    def setting(self, name: str, value: float) -> Cure | None:
        """The command that sets a hyperparameter to the nearest value it may have; None if it has that, or is none."""
        if name not in self.hyperparameters or not np.isfinite(value):
            return None
        item = self.hyperparameters[name]
        value = min(max(value, item.low), item.high)
        value = float(f"{value:.2g}" if item.scale == "log" else round(value, 10))
        return None if value == item.value else SetHyperparameter(name, value)


def _median(rows: Array) -> Array:
    # Sorted, for np.median takes several times as long for so few numbers.
    if not rows.size:
        return rows.reshape(-1)
    ordered = np.sort(rows, axis=0)
    middle: Array = (ordered[(len(rows) - 1) // 2] + ordered[len(rows) // 2]) / 2
    return middle
