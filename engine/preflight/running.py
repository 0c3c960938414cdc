"""All checks, one after the other."""

from collections.abc import Callable, Iterator

import numpy as np

from engine.datasets.base import Dataset
from engine.errors import UserError
from engine.preflight.check import Result, Trial, checks
from engine.training.config import Config
from engine.training.learner import Learner


def preflight(config: Config, dataset: Dataset, breathe: Callable[[], None] = lambda: None) -> Iterator[Result]:
    """Each check's result as it ends; nothing of the data or of a run that goes on is changed.

    `breathe` is called every fraction of a second, and ends all by raising Cancelled. Raises UserError for a
    configuration that does not fit itself or the data: there is nothing to check.
    """
    fitted = Learner(config, dataset).config
    trial = Trial(fitted, dataset, breathe)
    for name in checks.names():
        yield _result(name, trial)


def _result(name: str, trial: Trial) -> Result:
    trial.breathe()
    # Figures that are not finite are found where they are looked for; warnings would be printed across a screen.
    with np.errstate(all="ignore"):
        try:
            return checks[name](name, trial)
        except (UserError, MemoryError) as error:
            return Result(name, False, f"cannot be checked: {error or 'there is no memory for it'}")
