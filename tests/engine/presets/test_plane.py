"""What the presets of the plane reach, and what is reached without gradients: measured as a user would see it."""

from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from engine import datasets
from engine.training.config import make_config, read_preset
from engine.training.learner import Learner


class Outcome:
    """A preset trained to its end, or until it is right about a share of what it learns from."""

    def __init__(self, preset: str, until: float = 1.1, steps: int | None = None, **changes: Any) -> None:
        _, settings = read_preset(preset)
        config = make_config(settings | changes)
        learner = Learner(config, datasets.load(config.dataset))
        self.samples = 0
        with np.errstate(all="ignore"), threadpool_limits(1):
            while learner.position.epoch < config.epochs and learner.position.step != steps:
                self.samples += learner.train_step(config.epochs).samples
                if learner.end_epoch() and learner.evaluate(learner.dataset.train)[1] >= until:
                    break
            parts = (learner.dataset.train, learner.dataset.validation, learner.dataset.test)
            self.train, self.validation, self.test = (learner.evaluate(part)[1] for part in parts)
        self.steps = learner.position.step
        learner.close()


@pytest.mark.parametrize(
    ("preset", "train", "test"),
    [
        ("spiral", 0.99, 0.985),
        ("moons", 0.99, 0.98),
        ("circles", 0.98, 0.97),
        ("xor", 0.99, 0.985),
        ("student", 0.92, 0.90),
        ("iris", 0.95, 0.94),
    ],
)
def test_a_preset_learns_its_data(preset: str, train: float, test: float):
    outcome = Outcome(preset)
    assert outcome.train >= train
    assert outcome.test >= test


def test_the_spiral_is_separated_to_99_percent_whatever_the_seed():
    accuracies = [(outcome.train, outcome.test) for outcome in (Outcome("spiral", seed=seed) for seed in range(3))]
    assert np.min(accuracies, axis=0)[0] >= 0.99
    assert np.mean(accuracies, axis=0)[1] >= 0.99


def test_iris_is_right_about_95_percent_of_a_held_out_third():
    # Twenty draws of the third, each with a seed of its own: one alone has 51 flowers, of which each is 2 %.
    accuracies = [Outcome("iris", dataset=f"iris(seed={seed})", seed=seed).test for seed in range(20)]
    assert np.mean(accuracies) >= 0.95


def test_without_gradients_as_many_evaluations_do_not_separate_the_spiral():
    descent = Outcome("spiral", until=0.99)
    assert descent.train >= 0.99
    chance = Outcome("spiral-random-search", steps=descent.steps)
    climbing = Outcome("spiral-hill-climbing", steps=descent.steps)
    assert chance.steps == climbing.steps == descent.steps < 600
    # And each evaluation was of all samples, where gradient descent saw a batch: they had 28 times the data.
    assert chance.samples == climbing.samples == 900 * descent.steps > 25 * descent.samples
    assert chance.train < 0.6
    assert chance.test < 0.6
    assert climbing.train < 0.85


def test_hill_climbing_goes_further_than_chance():
    chance, climbing = (Outcome(f"spiral-{name}", steps=600) for name in ("random-search", "hill-climbing"))
    assert climbing.train > chance.train + 0.1
