"""What a check is: a function over a configuration and its data, which registers itself."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from engine.datasets.base import Dataset, Split
from engine.losses import Loss
from engine.losses.mean_squared_error import MeanSquaredError
from engine.registry import Registry
from engine.training.config import Config


class Result(msgspec.Struct, frozen=True):
    """What a check found beside what was expected; `passed` is None where it does not apply.

    `advice` is one line on what to do; empty where nothing is to be done. A check that passed with advice is a caution:
    the run can do with it. `figures` are the numbers in `found`.
    """

    name: str
    passed: bool | None
    found: str
    expected: str = ""
    advice: str = ""
    figures: dict[str, float] = {}

    @property
    def level(self) -> Literal["good", "amber", "red", "none"]:
        """How bad it is, in the words of verdicts; "none" does not apply."""
        if self.passed is None:
            return "none"
        return "red" if not self.passed else "amber" if self.advice else "good"


class Cancelled(Exception):
    """Nobody waits for the result any more."""


class Trial(NamedTuple):
    """What a check is told: a configuration fitted to its data, and the data.

    `breathe` is to be called every fraction of a second: it raises Cancelled when the check is to end.
    """

    config: Config
    dataset: Dataset
    breathe: Callable[[], None] = lambda: None


Check = Callable[[str, Trial], Result]
"""check(its own name, trial)"""

checks: Registry[Check] = Registry("check", __package__)
"""They run in the order of their names."""


def guess_loss(loss: Loss, dataset: Dataset, split: Split) -> float:
    """The loss of whoever knows nothing: ln(classes), ln 2 for `bce`, the variance of the targets for `mse`."""
    outputs = (1,) if dataset.target is not None else loss.output_shape(len(dataset.class_names))
    zeros = np.zeros((len(split), *outputs), np.float32)
    targets = loss.targets(split.labels, zeros)
    if isinstance(loss, MeanSquaredError):
        zeros += targets.mean(axis=0)
    return loss.forward(zeros, targets)[0]
