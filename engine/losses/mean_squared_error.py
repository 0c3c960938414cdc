"""Mean squared error."""

from collections.abc import Callable

import numpy as np

from engine.arrays import Array
from engine.losses.base import Loss, losses, one_hot


@losses.register("mse")
class MeanSquaredError(Loss):
    """Mean of (y - t)^2 over batch and outputs.   y, t: (batch, outputs); a class is 1 at its output, 0 elsewhere."""

    takes_numbers = True

    def targets(self, labels: Array, outputs: Array) -> Array:
        if np.issubdtype(labels.dtype, np.floating):
            return labels[:, np.newaxis].astype(outputs.dtype)
        return one_hot(labels, outputs)

    def forward(self, outputs: Array, targets: Array) -> tuple[float, Callable[[], Array]]:
        difference = outputs - targets
        value = float(np.square(difference, dtype=np.float64).mean())
        return value, lambda: difference * outputs.dtype.type(2 / outputs.size)

    def probabilities(self, outputs: Array) -> Array:
        return np.clip(outputs, 0, 1)
