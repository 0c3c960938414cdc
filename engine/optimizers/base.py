"""What all optimizers have in common."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

import numpy as np

from engine.arrays import Array, zero_vectors
from engine.hyperparameters import tunable
from engine.registry import Registry


@dataclass(kw_only=True)
class Optimizer:
    """Moves the weights against their gradient, in place.

    Weight decay is added to the gradient (L2: g + weight_decay w) or, decoupled, taken from the weights themselves
    (w - lr weight_decay w: Loshchilov and Hutter 2019, arXiv 1711.05101). It acts on all parameters, as in PyTorch.
    """

    learning_rate: float = tunable(1e-3, low=1e-8, high=1000.0, help="size of a step")
    weight_decay: float = tunable(0.0, low=1e-6, high=10.0, zero=True, help="pull of the weights towards zero")
    decoupled: bool = False
    moments: dict[str, Array] = field(default_factory=dict, init=False, repr=False)
    steps: int = field(default=0, init=False)
    missed: dict[int, int] = field(default_factory=dict, init=False, repr=False)
    """By part: those of the steps in which it was frozen, or after which it began anew."""

    moment_names: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[Callable[..., tuple[float, float]]]
    """The kernel: (values, gradients, *moments, *scalars) → square sums of the changes and of the weights."""

    def start(self, values: Array) -> None:
        """Forget the past: zero moments of the parameters' shape."""
        self.steps, self.missed = 0, {}
        vectors = zero_vectors(len(self.moment_names), values.size, values.dtype)
        self.moments = dict(zip(self.moment_names, vectors, strict=True))

    def begin_anew(self, part: int, start: int, stop: int) -> None:
        """Forget the past of one part, values[start:stop]."""
        self.missed[part] = self.steps
        for moment in self.moments.values():
            moment[start:stop] = 0

    def count_step(self, frozen: Iterable[int], by: int = 1) -> None:
        """One more step, in which these parts stay as they are; by -1: one that was none after all."""
        self.steps += by
        for part in frozen:
            self.missed[part] = self.missed.get(part, 0) + by

    def step(
        self,
        values: Array,
        gradients: Array,
        *,
        factor: float = 1.0,
        scale: float = 1.0,
        offsets: Sequence[int] | Array | None = None,
        frozen: Sequence[int] = (),
    ) -> tuple[Array, Array]:
        """One update with learning rate `factor` * learning_rate and gradients `scale` * gradients.

        `factor` is the schedule's, `scale` is what clipping leaves of the gradient. Returns the square sums of the
        changes and of the weights before them, one for each part values[offsets[p]:offsets[p + 1]] (default: one part);
        0 and 0 for a part that is frozen.
        """
        self.count_step(frozen)
        vectors = (values, gradients, *self.moments.values())
        bounds = [0, values.size] if offsets is None else list(offsets)
        squares = np.zeros((len(bounds) - 1, 2))
        for part, (start, stop) in enumerate(pairwise(bounds)):
            if part not in frozen:
                numbers = self.scalars(factor, scale, self.missed.get(part, 0))
                scalars = [values.dtype.type(number) for number in numbers]
                squares[part] = type(self).rule(*(vector[start:stop] for vector in vectors), *scalars)
        return squares[:, 0], squares[:, 1]

    def scalars(self, factor: float, scale: float, missed: int = 0) -> tuple[float, ...]:
        """What the rule takes beside vectors: learning rate, L2, decoupled decay, scale, and the optimizer's own.

        For a part that missed so many of the steps.
        """
        lr = factor * self.learning_rate
        l2 = 0.0 if self.decoupled else self.weight_decay
        shrink = 1 - lr * self.weight_decay if self.decoupled else 1.0
        first, *own = self.numbers(lr, self.steps - missed)
        return (first, l2, shrink, scale, *own)

    def numbers(self, lr: float, steps: int) -> tuple[float, ...]:
        """The learning rate as the rule takes it in the part's `steps`-th update, and the optimizer's own numbers."""
        return (lr,)


SCALE = 3
"""Where `Optimizer.scalars` has the scale of the gradients, which is known only when all of them are."""

optimizers: Registry[Callable[..., Optimizer]] = Registry("optimizer", __package__)


def clip_factor(norm: float, limit: float) -> float:
    """What is left of gradients of that global norm: min(1, limit / norm); a limit of 0 leaves all.

    Pascanu, Mikolov and Bengio 2013, arXiv 1211.5063, algorithm 1, with PyTorch's 1e-6 in the denominator.
    """
    return min(1.0, limit / (norm + 1e-6)) if limit > 0 else 1.0
