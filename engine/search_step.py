"""One step of a search without gradients: a candidate, one look at all of the training split, kept or put back."""

from collections.abc import Callable
from math import isfinite, nan

import numpy as np

from engine.arrays import Array
from engine.hyperparameters import tunables
from engine.losses import Loss
from engine.model import Sequential
from engine.plain_step import Batch, SingleStep, StepResult
from engine.strategies.base import Search, candidate_source

Measure = Callable[[], tuple[float, float, int]]
"""Loss, `Loss.score` and count of the model as it is, over the training split."""


class SearchStep(SingleStep):
    """A step looks at every training sample, whatever the batch: two candidates compare only on the same ones.

    So the best never becomes worse; and a step is a forward pass over the whole split, where one with a gradient is
    a pass there and back over a batch.
    """

    def __init__(self, model: Sequential, loss: Loss, search: Search, measure: Measure) -> None:
        self._model, self._loss, self._search, self._measure = model, loss, search, measure
        self._best = (nan, 0.0, 0)
        self._measured_with: list[float] | None = None

    def run(self, batch: Batch, following: Batch | None, factor: float, clip_norm: float) -> StepResult:
        """Try the candidate of that seed and step; the figures are those of the better of the two. No gradients."""
        model = self._model
        loss_settings = [item.value for item in tunables(self._loss)]
        if self._measured_with != loss_settings:
            self._best, self._measured_with = self._measure(), loss_settings
        before = model.values.copy()
        self._search.propose(model, candidate_source(batch.seed, batch.step), factor)
        for place in model.frozen:
            kept = slice(model.offsets[place], model.offsets[place + 1])
            model.values[kept] = before[kept]
        candidate = self._measure()
        if isfinite(candidate[0]) and not candidate[0] >= self._best[0]:
            self._best = candidate
        else:
            model.values[:] = before
        loss, score, count = self._best
        changes, sizes = self._squares(model.values - before), self._squares(before)
        return StepResult(loss, score, count, np.zeros(0), changes, sizes, True)

    def _squares(self, vector: Array) -> Array:
        """Sums over each parameter."""
        sums: Array = np.add.reduceat(np.square(vector, dtype=np.float64), self._model.offsets[:-1])
        return sums
