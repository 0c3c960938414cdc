"""Gradient descent on batches."""

from dataclasses import dataclass

from engine.hyperparameters import tunable
from engine.kernels import updates
from engine.optimizers.base import Optimizer, optimizers


@optimizers.register("sgd")
@dataclass(kw_only=True)
class SGD(Optimizer):
    """w ← w - lr g."""

    learning_rate: float = tunable(0.1, low=1e-8, high=1000.0, help="size of a step")
    rule = updates.sgd
