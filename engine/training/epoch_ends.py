"""The network as it was at the ends of the last epochs, so that one sees how an answer came to be."""

from collections import deque
from typing import NamedTuple

from engine.arrays import Array
from engine.training.events import PathPoint
from engine.training.learner import Learner
from engine.training.weights import Weights, put_weights, weights_kept, weights_of

KEPT = 24
"""Epochs: about as many as a screen has rows for."""

LARGEST = 32 << 20
"""Bytes that all of them take together at most."""


class EpochEnd(NamedTuple):
    """The weights that it had by then."""

    step: int
    epoch: float
    weights: Weights


class EpochEnds:
    """The newest ones; of a large network fewer, of a huge one none."""

    def __init__(self) -> None:
        self._kept: deque[EpochEnd] = deque(maxlen=KEPT)

    def keep(self, learner: Learner) -> None:
        """The network as it is now."""
        model, step = learner.model, learner.position.step
        room = LARGEST // max(model.values.nbytes + sum(array.nbytes for array in model.buffers.values()), 1)
        self.forget_after(step - 1)
        while self._kept and len(self._kept) >= room:
            self._kept.popleft()
        if room:
            self._kept.append(EpochEnd(step, learner.epoch, weights_of(model)))

    def forget_after(self, step: int) -> None:
        """What comes after that step is another run's."""
        while self._kept and self._kept[-1].step > step:
            self._kept.pop()

    def path(self, learner: Learner, x: Array, label: int, now: tuple[Array, Array]) -> tuple[PathPoint, ...]:
        """What x, (1, *input_shape), was taken for at each of them, and is `now`, which is what `predict` says of it.

        The network is left as it is.
        """
        last = _point(learner.position.step, learner.epoch, now, label)
        earlier = [end for end in self._kept if end.step < last.step]
        if not earlier:
            return (last,)
        found = []
        with weights_kept(learner.model):
            for end in earlier:
                put_weights(learner.model, end.weights)
                found.append(_point(end.step, end.epoch, learner.predict(x), label))
        return (*found, last)


def _point(step: int, epoch: float, predicted: tuple[Array, Array], label: int) -> PathPoint:
    answers, probabilities = predicted
    return PathPoint(step, epoch, int(answers[0]), float(probabilities[0, label]))
