"""The network as it was at the ends of the last epochs, so that one sees how an answer came to be."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.training.events import PathPoint
from engine.training.learner import Learner

KEPT = 24
"""Epochs: about as many as a screen has rows for."""

LARGEST = 32 << 20
"""Bytes that all of them take together at most."""


class EpochEnd(NamedTuple):
    """Copies of weights and running statistics."""

    step: int
    epoch: float
    values: Array
    buffers: Mapping[str, Array]


class EpochEnds:
    """The newest ones; of a large network fewer, of a huge one none."""

    def __init__(self) -> None:
        self._kept: deque[EpochEnd] = deque(maxlen=KEPT)

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, learner: Learner) -> None:
        """The network as it is now."""
        model, step = learner.model, learner.position.step
        room = LARGEST // max(model.values.nbytes + sum(array.nbytes for array in model.buffers.values()), 1)
        self.forget_after(step - 1)
        while self._kept and len(self._kept) >= room:
            self._kept.popleft()
        if room:
            buffers = {name: array.copy() for name, array in model.buffers.items()}
            self._kept.append(EpochEnd(step, learner.epoch, model.values.copy(), buffers))

    def forget_after(self, step: int) -> None:
        """What comes after that step is another run's."""
        while self._kept and self._kept[-1].step > step:
            self._kept.pop()

    def path(self, learner: Learner, x: Array, label: int) -> tuple[PathPoint, ...]:
        """What x, (1, *input_shape), was taken for at each of them, and is now. The network is left as it is."""
        found = []
        for end in self._kept:
            if end.step < learner.position.step:
                with _as_it_was(learner, end):
                    found.append(_point(learner, end.step, end.epoch, x, label))
        return (*found, _point(learner, learner.position.step, learner.epoch, x, label))


@contextmanager
def _as_it_was(learner: Learner, end: EpochEnd) -> Iterator[None]:
    """Inside, the network has those weights."""
    model = learner.model
    now = model.values.copy(), {name: array.copy() for name, array in model.buffers.items()}
    try:
        _put(learner, end.values, end.buffers)
        yield
    finally:
        _put(learner, *now)


def _put(learner: Learner, values: Array, buffers: Mapping[str, Array]) -> None:
    learner.model.values[...] = values
    for name, array in learner.model.buffers.items():
        array[...] = buffers[name]


def _point(learner: Learner, step: int, epoch: float, x: Array, label: int) -> PathPoint:
    answers, probabilities = learner.predict(x)
    answer = int(answers[0])
    likely = np.asarray(probabilities[0], np.float64)
    return PathPoint(step, epoch, answer, float(likely[answer]), float(likely[label]))
