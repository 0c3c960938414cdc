"""Softmax cross-entropy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.hyperparameters import tunable
from engine.kernels.softmax import softmax_cross_entropy
from engine.layers.softmax import softmax
from engine.losses.base import Loss, losses


@losses.register("cross_entropy")
@dataclass
class CrossEntropy(Loss):
    """Mean of -sum_k t_k log softmax(outputs)_k, t = (1 - label_smoothing) onehot + label_smoothing / classes.

    outputs: logits (batch, classes), of any size; targets: classes (batch,). Smoothing: Szegedy et al. 2016, section 7.
    """

    label_smoothing: float = tunable(
        0.0, low=0.0, high=0.5, scale="linear", help="share of the target spread over all classes"
    )

    def targets(self, labels: Array, outputs: Array) -> Array:
        return labels

    def forward(self, outputs: Array, targets: Array) -> tuple[float, Callable[[], Array]]:
        gradient = np.empty(outputs.shape, outputs.dtype)
        value = softmax_cross_entropy(np.ascontiguousarray(outputs), targets, self.label_smoothing, gradient)
        return value, lambda: gradient

    def probabilities(self, outputs: Array) -> Array:
        return softmax(outputs)
