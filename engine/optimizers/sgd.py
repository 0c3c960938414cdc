"""Gradient descent on batches."""

from dataclasses import dataclass

from engine.arrays import Array
from engine.hyperparameters import tunable
from engine.kernels.updates import sgd
from engine.optimizers.base import Optimizer, optimizers


@optimizers.register("sgd")
@dataclass(kw_only=True)
class SGD(Optimizer):
    """w ← w - lr g."""

    learning_rate: float = tunable(0.1, low=1e-8, high=1000.0, help="size of a step")

    def update(self, w: Array, g: Array, lr: float, decay_and_scale: tuple[float, float, float]) -> None:
        sgd(w, g, w.dtype.type(lr), *decay_and_scale)
