"""RMSprop."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from engine.arrays import Array
from engine.hyperparameters import tunable
from engine.kernels.updates import rmsprop
from engine.optimizers.base import Optimizer, optimizers


@optimizers.register("rmsprop")
@dataclass(kw_only=True)
class RMSprop(Optimizer):
    """v ← alpha v + (1 - alpha) g^2;  w ← w - lr g / (sqrt(v) + eps).   Tieleman and Hinton 2012, lecture 6e."""

    alpha: float = tunable(0.99, low=0.0, high=0.9999, scale="one-minus", help="memory of the squared gradients")
    eps: Annotated[float, Meta(gt=0)] = 1e-8

    moment_names = ("square",)

    def update(self, w: Array, g: Array, lr: float, decay_and_scale: tuple[float, float, float]) -> None:
        scalars = map(w.dtype.type, (self.alpha, 1 - self.alpha, self.eps))
        rmsprop(w, g, self.moments["square"], w.dtype.type(lr), *decay_and_scale, *scalars)
