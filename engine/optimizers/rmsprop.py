"""RMSprop."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from engine.hyperparameters import tunable
from engine.kernels import updates
from engine.optimizers.base import Optimizer, optimizers


@optimizers.register("rmsprop")
@dataclass(kw_only=True)
class RMSprop(Optimizer):
    """v ← alpha v + (1 - alpha) g^2;  w ← w - lr g / (sqrt(v) + eps).   Tieleman and Hinton 2012, lecture 6e."""

    alpha: float = tunable(0.99, low=0.0, high=0.9999, scale="one-minus", help="memory of the squared gradients")
    eps: Annotated[float, Meta(gt=0)] = 1e-8

    moment_names = ("square",)
    rule = updates.rmsprop

    def numbers(self, lr: float, steps: int) -> tuple[float, ...]:
        return (lr, self.alpha, 1 - self.alpha, self.eps)
