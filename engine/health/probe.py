"""What the hidden units give for a fixed set of training samples."""

from math import nan

import numpy as np

from engine.arrays import Array
from engine.datasets.base import Split
from engine.health.dead_units import ACTIVE
from engine.health.record import Activation
from engine.health.saturation import SIGMOID, TANH
from engine.layers import Layer, Leaf
from engine.layers.leaky_relu import LeakyReLU
from engine.layers.relu import ReLU
from engine.layers.sigmoid import Sigmoid
from engine.layers.tanh import Tanh
from engine.training.learner import EVALUATED, Learner

KINDS = (ReLU, LeakyReLU, Sigmoid, Tanh)


class Probe:
    """The samples, from one end of the training split to the other, and the activations that are looked at.

    Those behind the last layer that learns are left out: an output is meant to be 0 or 1.
    """

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        split = learner.dataset.train
        count = min(len(split), EVALUATED)
        chosen = np.linspace(0, len(split) - 1, count).astype(np.int64)
        self.samples = Split(split.x[chosen], split.labels[chosen])
        self.input_size = float(np.sqrt(np.square(self.samples.x, dtype=np.float64).mean()))
        """Root mean square."""
        self.hidden: list[tuple[str, Leaf]] = []
        """Each activation, with the label of the layer with weights before it."""
        giver, last = "", learner.model.learning_layers[-1]
        for leaf in learner.model.leaves:
            if leaf is last:
                break
            if leaf.layer.parameters:
                giver = leaf.label
            elif isinstance(leaf.layer, KINDS) and giver:
                self.hidden.append((giver, leaf))

    def look(self, *, spread: bool = False) -> tuple[Activation, ...]:
        """One forward pass, and shares by layer; `spread`: the variance too, which only the start is judged by."""
        given = self._learner.activations(self.samples.x, [leaf.layer for _, leaf in self.hidden])
        return tuple(_judge(giver, leaf, y, spread) for (giver, leaf), y in zip(self.hidden, given, strict=False))


def dead_units(layer: Layer, y: Array) -> Array | None:
    """Which units are active on too few samples, (units,); None for a kind that cannot die.

    y: (samples, ..., units); a unit of a convolution is a channel, active where any of its places is.
    """
    if not isinstance(layer, ReLU):
        return None
    active = (y > 0).any(axis=tuple(range(1, y.ndim - 1)))
    dead: Array = active.mean(axis=0) < ACTIVE
    return dead


def saturated_share(layer: Layer, y: Array) -> float:
    """The share of y where the function is flat, NaN for a kind that is flat nowhere."""
    if isinstance(layer, Tanh):
        return float((np.abs(y) > TANH).mean())
    if isinstance(layer, Sigmoid):
        return float((np.abs(y - 0.5) > 0.5 - SIGMOID).mean())
    return nan


def _judge(giver: str, leaf: Leaf, y: Array, spread: bool) -> Activation:
    dead, kind = dead_units(leaf.layer, y), type(leaf.layer).__name__
    share = nan if dead is None else float(dead.mean())
    variance = float(y.var(dtype=np.float64)) if spread else nan
    return Activation(giver, kind, share, saturated_share(leaf.layer, y), variance)  # type: ignore[arg-type]
