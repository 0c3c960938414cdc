"""What all strategies without gradients have in common."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.model import Sequential
from engine.registry import Registry

SEARCH = 2
"""Keeps the stream of candidates apart from starting weights and orders of epochs of the same seed."""


@dataclass(kw_only=True)
class Search:
    """Weights are tried, and kept where the loss over the whole training split is lower than that of the best so far.

    The candidate of a step is a function of the best weights, the seed and the step's number. So resuming needs nothing
    of a search but the weights.
    """

    def propose(self, model: Sequential, random: np.random.Generator, factor: float) -> None:
        """Put a candidate in the place of the best weights; `factor` is the schedule's."""
        raise NotImplementedError


strategies: Registry[Callable[..., Search | None]] = Registry("strategy", __package__)


def candidate_source(seed: int, step: int) -> np.random.Generator:
    """The random numbers of one step's candidate."""
    return np.random.default_rng((seed, step, SEARCH))
