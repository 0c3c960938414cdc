"""Which samples are kept from training: for validation, for a test, and where few are to be learned from."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Dataset, Split
from engine.errors import UserError

VALIDATION_SHARE = 0.1
TEST_SHARE = 0.2
"""Of all; validation then has its share of what is left."""

VALIDATION_SEED = 20260101
"""Fixed, whatever a run's seed: validation numbers of two runs compare only on the same samples."""

TEST_SEED = 20260102


class Parts(NamedTuple):
    """Indices of the samples of each split, ascending; `test` is empty where a test came apart."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split_samples(labels: NDArray[np.integer] | NDArray[np.floating], *, test: bool) -> Parts:
    """What is trained on, `VALIDATION_SHARE` of that for validation, and before it `TEST_SHARE` of all for a test."""
    everything, kept = np.arange(len(labels)), np.empty(0, np.int64)
    if test:
        everything, kept = split_validation(labels, TEST_SHARE, TEST_SEED)
    train, validation = split_validation(labels[everything])
    return Parts(everything[train], everything[validation], kept)


def split_validation(
    labels: NDArray[np.integer] | NDArray[np.floating], share: float = VALIDATION_SHARE, seed: int = VALIDATION_SEED
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices (training, validation), each ascending, with `share` of every class in the second.

    Labels that are numbers count as one class. A class of two samples or more has at least one on either side; a
    single sample is trained on.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    kept = np.zeros(len(labels), dtype=bool)
    classes = np.zeros(len(labels)) if np.issubdtype(labels.dtype, np.floating) else labels
    for label in np.unique(classes):
        members = random.permutation(np.flatnonzero(classes == label))
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
