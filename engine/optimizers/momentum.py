"""Gradient descent with momentum."""

from dataclasses import dataclass

from engine.hyperparameters import tunable
from engine.kernels import updates
from engine.optimizers.base import Optimizer, optimizers


@optimizers.register("momentum")
@dataclass(kw_only=True)
class Momentum(Optimizer):
    """v ← momentum v + g;  w ← w - lr v, or with Nesterov's look ahead w ← w - lr (g + momentum v).

    Sutskever et al. 2013 ("On the importance of initialization and momentum in deep learning"), in PyTorch's form:
    the learning rate multiplies v, so that a change of it acts at once.
    """

    learning_rate: float = tunable(0.05, low=1e-8, high=1000.0, help="size of a step")
    momentum: float = tunable(0.9, low=0.0, high=0.999, scale="one-minus", help="share of the last step that goes on")
    nesterov: bool = False

    moment_names = ("velocity",)
    rule = updates.momentum

    def numbers(self, lr: float, steps: int) -> tuple[float, ...]:
        return (lr, self.momentum, self.nesterov)


@optimizers.register("nesterov")
@dataclass(kw_only=True)
class Nesterov(Momentum):
    """Momentum with Nesterov's look ahead."""

    nesterov: bool = True
