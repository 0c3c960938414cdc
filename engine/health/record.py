"""All that the rules know of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import log, nan, sqrt
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.hyperparameters import Hyperparameter
from engine.training.commands import SetHyperparameter

WINDOW = 100
"""Steps that a look covers."""

MOST = 0.5
"""Share of a layer's units; dead or saturated, they are red: Amazon SageMaker Debugger's defaults."""

RECENT = 10
"""Steps whose mean is what a figure is now."""

LEARNED = 0.1
"""Share of the first loss below which there is little left to learn: small gradients and steps are then its end."""

FALLING = 2.0
"""Standard errors by which the later half of a window's losses must be below the earlier half to be falling."""


class LayerFacts(NamedTuple):
    """A layer that learns: its name, how many numbers it learns, the activation behind it and the weights for that."""

    label: str
    parameters: int
    activation: str = ""
    init: str = "he"
    frozen: bool = False


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


class EpochFigures(NamedTuple):
    """Means over an epoch's steps, and validation at its end; the accuracies of numbers are NaN."""

    train: float
    validation: float
    train_accuracy: float = nan
    validation_accuracy: float = nan


def _nothing() -> Array:
    return np.zeros((0, 0))


@dataclass(frozen=True)
class Record:
    """Figures up to `step`; arrays are (steps, layers) or (steps,) of the last `WINDOW` steps. Norms are unclipped.

    Only steps since the last change of the run are in it: what it did before says nothing about the change.
    """

    step: int
    layers: tuple[LayerFacts, ...] = ()
    norms: Array = field(default_factory=_nothing)
    ratios: Array = field(default_factory=_nothing)
    losses: Array = field(default_factory=lambda: np.zeros(0))
    largest_ratio: float = nan
    """Of the layers' medians at earlier looks, since the last change."""
    largest_step: float = nan
    """The same of single steps."""
    first_step: float = nan
    """The same of the first one since the last change, as it would be without a schedule."""
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    schedule_factor: float = 1.0
    """What the schedule makes of the learning rate now."""
    train_count: int = 0
    classes: int = 0
    """0 where the answers are numbers, or the loss is no cross-entropy."""
    pictures: bool = False
    """Whether samples are pictures that could be varied, and are not."""
    input_size: float = nan
    """Root mean square of the inputs: 1 where they are standardized."""
    initial_loss: float = nan
    """Of the validation split before the first step."""
    evaluations: tuple[float, ...] = ()
    """Mean training losses of the last quarters of epochs."""
    epochs: tuple[EpochFigures, ...] = ()
    activations: tuple[Activation, ...] = ()
    initial_activations: tuple[Activation, ...] = ()
    noise_scale: float = nan

    @cached_property
    def crippled(self) -> bool:
        """Whether most units of a layer are dead or saturated: small steps are then no matter of the rate."""
        return any(activation.dead > MOST or activation.saturated > MOST for activation in self.activations)

    @cached_property
    def loss(self) -> float:
        """What it is now: the median of the window."""
        return float(medians(self.losses)) if self.losses.size else nan

    @property
    def first_loss(self) -> float:
        """The loss of a network that knows nothing: as measured, or a guess among the classes if that was less."""
        return float(np.fmin(self.initial_loss, log(self.classes))) if self.classes else self.initial_loss

    @property
    def learned(self) -> bool:
        """Whether there is little left to learn."""
        return self.loss < LEARNED * self.first_loss

    @cached_property
    def falling(self) -> bool:
        """Whether the loss falls within the window, by more than the noise of its batches."""
        half = len(self.losses) // 2
        if half < 2:
            return False
        before, after = self.losses[:half], self.losses[half:]
        error = sqrt(before.var(ddof=1) / len(before) + after.var(ddof=1) / len(after))
        return bool(before.mean() - after.mean() > FALLING * error)

    @property
    def suffers(self) -> bool:
        """Whether there is something to learn, and it is not learned: a figure that is unusual alone is no illness."""
        return not self.learned and not self.falling

    @cached_property
    def typical_norms(self) -> Array:
        """Medians of the window by layer."""
        return medians(self.norms)

    @cached_property
    def typical_ratios(self) -> Array:
        """Medians of the window by layer that is not frozen."""
        return medians(self.ratios[:, [not layer.frozen for layer in self.layers]] if self.ratios.size else self.ratios)

    @property
    def moving(self) -> tuple[LayerFacts, ...]:
        """The layers that are not frozen."""
        return tuple(layer for layer in self.layers if not layer.frozen)

    def layer(self, label: str) -> LayerFacts | None:
        """The layer of that label."""
        return next((layer for layer in self.layers if layer.label == label), None)

    def value(self, name: str) -> float:
        """Of a hyperparameter; NaN for one that the run has not."""
        return self.hyperparameters[name].value if name in self.hyperparameters else nan

    def setting(self, name: str, value: float) -> tuple[SetHyperparameter, ...]:
        """The command that sets a hyperparameter to the nearest value it may have; none if it has that, or is none."""
        if name not in self.hyperparameters or not np.isfinite(value):
            return ()
        item = self.hyperparameters[name]
        value = min(max(value, item.low), item.high)
        value = float(f"{value:.2g}" if item.scale == "log" else round(value, 10))
        return () if value == item.value else (SetHyperparameter(name, value),)


def medians(rows: Array) -> Array:
    """Of each column."""
    # Sorted, for np.median takes several times as long for so few numbers.
    if not rows.size:
        return rows.reshape(-1)
    ordered = np.sort(rows, axis=0)
    middle: Array = (ordered[(len(rows) - 1) // 2] + ordered[len(rows) // 2]) / 2
    return middle
