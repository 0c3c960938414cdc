"""Adam."""

from dataclasses import dataclass
from math import sqrt
from typing import Annotated

from msgspec import Meta

from engine.hyperparameters import tunable
from engine.kernels import updates
from engine.optimizers.base import Optimizer, optimizers


@optimizers.register("adam")
@dataclass(kw_only=True)
class Adam(Optimizer):
    """m ← beta1 m + (1 - beta1) g;  v ← beta2 v + (1 - beta2) g^2;  w ← w - lr m' / (sqrt(v') + eps).

    m' = m / (1 - beta1^t) and v' = v / (1 - beta2^t) correct the bias of the start at zero.
    Kingma and Ba 2015, arXiv 1412.6980, algorithm 1.
    """

    beta1: float = tunable(0.9, low=0.0, high=0.9999, scale="one-minus", help="memory of the gradients")
    beta2: float = tunable(0.999, low=0.0, high=0.99999, scale="one-minus", help="memory of the squared gradients")
    eps: Annotated[float, Meta(gt=0)] = 1e-8

    moment_names = ("first", "second")
    rule = updates.adam

    def numbers(self, lr: float, steps: int) -> tuple[float, ...]:
        corrected_lr = lr / (1 - self.beta1**steps)
        correction = 1 / sqrt(1 - self.beta2**steps)
        return (corrected_lr, self.beta1, 1 - self.beta1, self.beta2, 1 - self.beta2, correction, self.eps)
