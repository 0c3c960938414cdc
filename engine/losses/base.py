"""What all losses have in common."""

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.registry import Registry


class Loss:
    """How far outputs are from their targets: one number, the mean over a batch.

    Labels are classes, (batch,) int64, or with `takes_numbers` also numbers, (batch,) float64, of one output each.
    """

    takes_numbers: ClassVar[bool] = False

    def output_shape(self, classes: int) -> Shape:
        """The shape of one sample's output that this loss compares with a label."""
        return (classes,)

    def targets(self, labels: Array, outputs: Array) -> Array:
        """Labels (batch,) in the form that `forward` compares with outputs (batch, ...)."""
        return one_hot(labels, outputs)

    def forward(self, outputs: Array, targets: Array) -> tuple[float, Callable[[], Array]]:
        """The loss and the function that gives its gradient by the outputs."""
        raise NotImplementedError

    def chosen(self, outputs: Array) -> Array:
        """The class that each sample is taken for: that of the largest output, or by sign where there is only one."""
        chosen: Array = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0).astype(np.int64)
        return chosen

    def score(self, outputs: Array, labels: Array) -> float:
        """How many answers of the batch are right; where labels are numbers, the sum of their squared errors."""
        if np.issubdtype(labels.dtype, np.floating):
            return float(np.square(outputs[:, 0] - labels).sum())
        return float(np.count_nonzero(self.chosen(outputs) == labels))

    def probabilities(self, outputs: Array) -> Array:
        """What the outputs say of each class, from 0 to 1: (batch, classes)."""
        raise NotImplementedError


losses: Registry[Callable[..., Loss]] = Registry("loss", __package__)


def one_hot(labels: Array, outputs: Array) -> Array:
    """1 at the label's class, 0 elsewhere, in the outputs' shape and type."""
    targets = np.zeros_like(outputs)
    targets[np.arange(len(labels)), labels] = 1
    return targets
