"""Which training samples are kept for validation, and which ones are learned from where few are wanted."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Dataset, Split
from engine.errors import UserError

VALIDATION_SHARE = 0.1
VALIDATION_SEED = 20260101
"""Fixed, whatever a run's seed: validation numbers of two runs compare only on the same samples."""


def split_validation(
    labels: NDArray[np.integer], share: float = VALIDATION_SHARE, seed: int = VALIDATION_SEED
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices (training, validation), each ascending, with `share` of every class in the second.

    A class of two samples or more has at least one on either side; a single sample is trained on.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    kept = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        count = min(max(round(share * len(members)), 1), len(members) - 1)
        kept[members[:count]] = True
    return np.flatnonzero(~kept), np.flatnonzero(kept)


def with_few_samples(dataset: Dataset, count: int, seed: int = VALIDATION_SEED) -> Dataset:
    """The same data with `count` of its training samples, drawn alike whatever a run's seed; 0: with all of them.

    Inputs stay standardized by all. Raises UserError where there are not so many.
    """
    train = dataset.train
    if not count:
        return dataset
    if count > len(train):
        raise UserError(f"--samples {count}: {dataset.name} has {len(train)} training samples")
    chosen = np.sort(np.random.Generator(np.random.PCG64(seed)).permutation(len(train))[:count])
    return replace(dataset, train=Split(train.x[chosen], train.labels[chosen]))
