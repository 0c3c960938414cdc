"""Our own from files to an accuracy: what a run does, and the test split at each lap."""

from time import perf_counter
from typing import Any

import numba  # noqa: F401  importing counts for nobody

from benchmarks.contestants.ours import make_learner
from benchmarks.contestants.race import Finish, race
from engine import datasets
from engine.training.config import make_config


def reach(settings: dict[str, Any], folder: str, target: float, variant: str) -> Finish:
    """By the recipe of the settings, on the files of the folder."""
    began = perf_counter()
    config = make_config({**settings, "dataset": f"idx:{folder}"})
    dataset = datasets.load(config.dataset)
    learner = make_learner(config, dataset)

    def train(count: int) -> None:
        for _ in range(count):
            learner.train_step(config.epochs)
            learner.end_epoch()

    def evaluate() -> float:
        return learner.evaluate(dataset.test)[1]

    return race(began, learner.steps_per_epoch, config.epochs, train, evaluate, target)


CALLS = {"reach": reach}
