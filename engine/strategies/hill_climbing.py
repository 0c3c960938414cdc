"""Random hill climbing."""

from dataclasses import dataclass

import numpy as np

from engine.hyperparameters import tunable
from engine.model import Sequential
from engine.strategies.base import Search, strategies


@strategies.register("hill_climbing")
@dataclass(kw_only=True)
class HillClimbing(Search):
    """w ← w + factor scale N(0, 1) for every weight at once; a schedule's factor lets the steps grow shorter.

    The (1+1) evolution strategy with a scale that the user adapts: Rechenberg 1973.
    """

    scale: float = tunable(0.05, low=1e-6, high=100.0, help="deviation of what is added to each weight")

    def propose(self, model: Sequential, random: np.random.Generator, factor: float) -> None:
        for parameter in model.parameters.values():
            parameter.value += factor * self.scale * random.standard_normal(parameter.shape)
