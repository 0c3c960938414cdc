"""Random search."""

from dataclasses import dataclass

import numpy as np

from engine.hyperparameters import tunable
from engine.model import Sequential
from engine.strategies.base import Search, strategies


@strategies.register("random_search")
@dataclass(kw_only=True)
class RandomSearch(Search):
    """w ← scale w0, w0 drawn afresh from the initializer; a bias, and what else starts at a constant, + N(0, scale^2).

    No step knows of another: pure random search, Rastrigin 1963. With every bias at its zero, ReLU networks would see
    the direction of a point alone, and no number of tries would do; so biases are drawn too.
    """

    scale: float = tunable(1.0, low=1e-3, high=100.0, help="how far from zero random weights are drawn")

    def propose(self, model: Sequential, random: np.random.Generator, factor: float) -> None:
        model.draw(random)
        for parameter in model.parameters.values():
            if parameter.fan_in:
                parameter.value *= self.scale
            else:
                parameter.value += self.scale * random.standard_normal(parameter.shape)
