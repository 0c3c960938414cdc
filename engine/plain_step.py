"""One training step, layer by layer in NumPy: any layer, loss and optimizer. What the compiled step equals."""

from collections.abc import Sequence
from math import isfinite, sqrt
from typing import NamedTuple, Protocol

import numpy as np

from engine.arrays import Array
from engine.augmentations import Augmentation
from engine.datasets.base import Split
from engine.kernels.norms import square_sums
from engine.losses import Loss
from engine.model import Sequential
from engine.optimizers.base import Optimizer, clip_factor


class Batch(NamedTuple):
    """Which samples of the training split a step takes, in the order in which it takes them; the epoch and step."""

    chosen: Array
    seed: int
    epoch: int
    step: int = 0


class StepResult(NamedTuple):
    """What a step tells; `score` is `Loss.score` of the batch.

    Squares are sums over each parameter: of its gradient, of its change, of itself before it (0 if it is frozen).
    `samples` is how many it looked at. `finite` is False where loss or gradient were not, and nothing was updated.
    """

    loss: float
    score: float
    samples: int
    gradient_squares: Array
    change_squares: Array
    weight_squares: Array
    finite: bool


class Step(Protocol):
    """A way to take training steps; `following` is the batch after them, to be made ready meanwhile."""

    in_a_row: int
    """Steps that `run_row` can take at a time."""

    def run_row(
        self, batches: Sequence[Batch], following: Batch | None, factors: Sequence[float], clip_norm: float
    ) -> list[StepResult]:
        """A step on each batch, up to the first that is not finite. What is returned is good until the next call."""
        ...


class SingleStep:
    """What takes one step at a time, by `run`."""

    in_a_row = 1

    def run_row(
        self, batches: Sequence[Batch], following: Batch | None, factors: Sequence[float], clip_norm: float
    ) -> list[StepResult]:
        """The one step."""
        (batch,), (factor,) = batches, factors
        return [self.run(batch, following, factor, clip_norm)]

    def run(self, batch: Batch, following: Batch | None, factor: float, clip_norm: float) -> StepResult:
        """One step with learning rate `factor` * learning_rate and gradients of at most that norm (0: any)."""
        raise NotImplementedError


class PlainStep(SingleStep):
    """Gather, forward, loss, backward, norms, clipping, update: one after the other."""

    def __init__(
        self, model: Sequential, loss: Loss, optimizer: Optimizer, split: Split, augmentation: Augmentation | None
    ) -> None:
        self._model, self._loss, self._optimizer = model, loss, optimizer
        self._split, self._augmentation = split, augmentation

    def run(self, batch: Batch, following: Batch | None, factor: float, clip_norm: float) -> StepResult:
        """One step with learning rate `factor` * learning_rate and gradients of at most that norm (0: any)."""
        model, parameters = self._model, len(self._model.parameters)
        x, labels = self._gather(batch)
        outputs, back = model.forward(x, training=True)
        value, loss_back = self._loss.forward(outputs, self._loss.targets(labels, outputs))
        score = self._loss.score(outputs, labels)
        nothing = np.zeros(parameters)
        if not isfinite(value):
            return StepResult(value, score, len(labels), nothing, nothing, nothing, False)
        back(loss_back())
        squares = np.zeros(parameters)
        square_sums(model.gradients, model.offsets, squares)
        frozen = model.frozen
        norm = sqrt(np.delete(squares, frozen).sum())
        if not isfinite(norm):
            return StepResult(value, score, len(labels), squares, nothing, nothing, False)
        scale = clip_factor(norm, clip_norm)
        changes, sizes = self._optimizer.step(
            model.values, model.gradients, factor=factor, scale=scale, offsets=model.offsets, frozen=frozen
        )
        return StepResult(value, score, len(labels), squares, changes, sizes, True)

    def _gather(self, batch: Batch) -> tuple[Array, Array]:
        split, chosen = self._split, batch.chosen
        if self._augmentation is None:
            return split.x[chosen], split.labels[chosen]
        return self._augmentation.vary(split.x, chosen, seed=batch.seed, epoch=batch.epoch), split.labels[chosen]
