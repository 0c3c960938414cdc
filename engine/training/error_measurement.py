"""What a network is wrong about, measured a few samples at a time while it goes on learning."""

from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calibration import expected_calibration_error, reliability
from engine.confusion import agreement, class_accuracies, confusion_matrix
from engine.datasets.base import Split
from engine.errors import UserError
from engine.mistakes import TRUSTED, label_suspects, worst_mistakes
from engine.training.commands import MOST_CLASSES, MeasureErrors
from engine.training.events import ErrorsMeasured, Mistake, ReliabilityBin
from engine.training.learner import EVALUATED, Learner
from engine.training.weights import Weights, put_weights, weights_kept, weights_of

MOST_SAMPLES = 60_000
"""Of a split; of a larger one so many are taken, from one end of it to the other."""

MOST_BINS = 100

SHARE = 0.25
"""Of the time that steps take, for measuring beside them."""


class Answered(NamedTuple):
    """What the network of a step said of the samples `chosen` from a split, and which of these are worth a look.

    labels, answers: (count,); probabilities: (count, classes); worst, suspects: places among the chosen.
    """

    step: int
    split: Split
    chosen: NDArray[np.int64]
    labels: NDArray[np.int64]
    answers: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    worst: NDArray[np.int64]
    suspects: NDArray[np.int64]

    def mistake(self, place: int) -> Mistake:
        """The sample at that place, whether it is a mistake or not."""
        label, answer = int(self.labels[place]), int(self.answers[place])
        return Mistake(
            index=int(self.chosen[place]),
            label=label,
            answer=answer,
            probability=float(self.probabilities[place, answer]),
            label_probability=float(self.probabilities[place, label]),
        )


class ErrorMeasurement:
    """The answers of the network as it was when this was made, gathered by `advance` piece by piece.

    Raises UserError for answers that are numbers, more than MOST_CLASSES of them, and a bad number of bins.
    """

    def __init__(self, learner: Learner, asked: MeasureErrors) -> None:
        dataset = learner.dataset
        classes = len(dataset.class_names)
        if dataset.target is not None:
            raise UserError(f"{dataset.name} has numbers for answers; classes are needed to count what is confused")
        if classes > MOST_CLASSES:
            raise UserError(f"{dataset.name} has {classes} classes; confusions are counted of {MOST_CLASSES} at most")
        if not 1 <= asked.bins <= MOST_BINS:
            raise UserError(f"bins {asked.bins}: must be 1 to {MOST_BINS}")
        self.asked = asked
        self.answered: Answered | None = None
        """All that was gathered, once it is complete."""
        self.dataset = dataset
        self._learner = learner
        self._split = getattr(dataset, asked.split)
        count = min(len(self._split), MOST_SAMPLES)
        self._chosen = np.linspace(0, max(len(self._split) - 1, 0), count).astype(np.int64)
        self._step = learner.position.step
        self._weights: Weights | None = weights_of(learner.model)
        self._answers = np.empty(count, np.int64)
        self._probabilities = np.empty((count, classes), np.float32)
        self._done = 0
        self._seconds = self._last_s = self._waited_s = 0.0

    def step_ended(self, seconds: float) -> ErrorsMeasured | None:
        """A training step took so long: measure on once there were enough of them."""
        self._waited_s += seconds
        return self.advance() if self._waited_s * SHARE >= self._last_s else None

    def advance(self) -> ErrorsMeasured | None:
        """The next EVALUATED samples; the event after the last ones. The network is left as it is, to the bit."""
        began = perf_counter()
        stop = min(self._done + EVALUATED, len(self._chosen))
        model, place = self._learner.model, slice(self._done, stop)
        assert self._weights is not None, "it is not complete"
        with weights_kept(model):
            put_weights(model, self._weights)
            self._answers[place], self._probabilities[place] = self._learner.predict(self._split.x[self._chosen[place]])
        self._done, self._waited_s = stop, 0.0
        self._last_s = perf_counter() - began
        self._seconds += self._last_s
        return self._event() if stop == len(self._chosen) else None

    def _event(self) -> ErrorsMeasured:
        began = perf_counter()
        labels, answers = np.asarray(self._split.labels[self._chosen], np.int64), self._answers
        # A network that is not finite is sure of nothing.
        probabilities = np.nan_to_num(self._probabilities.astype(np.float64), nan=0.0, posinf=1.0, neginf=0.0)
        confidences = probabilities[np.arange(len(answers)), answers]
        matrix = confusion_matrix(labels, answers, len(self._learner.dataset.class_names))
        by_class = class_accuracies(matrix)
        curve = reliability(confidences, answers == labels, self.asked.bins)
        worst, suspects = worst_mistakes(labels, probabilities), np.empty(0, np.int64)
        if agreement(matrix) >= TRUSTED:
            suspects = label_suspects(labels, probabilities)
        self.answered = Answered(self._step, self._split, self._chosen, labels, answers, probabilities, worst, suspects)
        # Kept for samples to be picked from: the weights are not needed any more.
        self._weights = None
        bins = zip(curve.confidence.tolist(), curve.accuracy.tolist(), curve.samples.tolist(), strict=True)
        return ErrorsMeasured(
            step=self._step,
            split=self.asked.split,
            count=len(labels),
            matrix=matrix.astype(np.uint32).tobytes(),
            accuracies=tuple(by_class.accuracy.tolist()),
            standard_errors=tuple(by_class.standard_error.tolist()),
            bins=tuple(ReliabilityBin(*values) for values in bins),
            calibration_error=expected_calibration_error(curve),
            mistake_count=len(worst),
            seconds=self._seconds + perf_counter() - began,
        )
