"""Binary cross-entropy with logits."""

from collections.abc import Callable

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.sigmoid import sigmoid
from engine.losses.base import Loss, losses, one_hot


@losses.register("bce")
class BinaryCrossEntropyWithLogits(Loss):
    """Mean of max(z, 0) - z t + log(1 + exp(-|z|)), the form that overflows nowhere.   z, t: (batch, outputs).

    Two classes need one output, the logit of the second; more classes have one yes-or-no output each.
    """

    def output_shape(self, classes: int) -> Shape:
        return (1,) if classes == 2 else (classes,)

    def targets(self, labels: Array, outputs: Array) -> Array:
        return labels[:, None].astype(outputs.dtype) if outputs.shape[1] == 1 else one_hot(labels, outputs)

    def forward(self, outputs: Array, targets: Array) -> tuple[float, Callable[[], Array]]:
        terms = np.maximum(outputs, 0) - outputs * targets + np.log1p(np.exp(-np.abs(outputs)))
        return float(terms.mean(dtype=np.float64)), lambda: (sigmoid(outputs) - targets) / outputs.size

    def probabilities(self, outputs: Array) -> Array:
        yes = sigmoid(outputs)
        return np.concatenate([1 - yes, yes], axis=1) if outputs.shape[1] == 1 else yes
