"""What was read becomes a data set: split, and standardized by the part that is trained on."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.datasets.base import DataError, Dataset, Split, Target
from engine.datasets.splits import TEST_SHARE, VALIDATION_SHARE, split_samples
from engine.datasets.standardize import column_statistics, pixel_statistics, standardized

LARGEST = 1e30
"""Of a table's values: their squares stay within float64."""


class Samples(NamedTuple):
    """x: pictures (count, channels, height, width), bytes or else in 0..1, or rows (count, features).

    labels: (count,), int64 classes or float64 numbers.
    """

    x: Array
    labels: NDArray[np.int64] | NDArray[np.float64]


def dataset_from_samples(
    name: str,
    train: Samples,
    test: Samples | None,
    *,
    class_names: tuple[str, ...] = (),
    target_name: str = "",
    feature_names: tuple[str, ...] = (),
    provenance: str,
    notices: tuple[str, ...] = (),
) -> Dataset:
    """Keep a part of `train` for validation, and one for a test where there is none; standardize all by the rest.

    target_name: what the labels are, where they are numbers. Raises DataError for too few samples, or too large values.
    """
    # Here, and nowhere below: no split is empty.
    if test is not None and not len(test.labels):
        raise DataError(f"{name}: no test samples; expected one or more")
    parts = split_samples(train.labels, test=test is None)
    if not len(parts.train) or not len(parts.validation) or (test is None and not len(parts.test)):
        needed = f"{'three' if test is None else 'two'}{' of a class' if class_names else ''} or more"
        raise DataError(f"{name}: {len(train.labels):,} training samples; expected {needed}")
    if test is None:
        shares = (
            f"{TEST_SHARE:.0%} of the samples are kept for the test, {VALIDATION_SHARE:.0%} of the others to validate"
        )
        notices = (*notices, shares)
    mean: float | NDArray[np.float64]
    std: float | NDArray[np.float64]
    if train.x.ndim > 2:
        mean, std = pixel_statistics(train.x, parts.train)
    else:
        for samples in (train, test or train):
            _require_moderate(name, samples.x, feature_names)
        mean, std = column_statistics(train.x, parts.train)
    target = _target(name, target_name, train.labels, parts.train) if target_name else None

    def split(samples: Samples, chosen: NDArray[np.int64]) -> Split:
        labels: Array = samples.labels[chosen]
        x = standardized(samples.x, chosen, mean, std)
        return Split(x, labels if target is None else (labels - target.mean) / target.std)

    return Dataset(
        name=name,
        train=split(train, parts.train),
        validation=split(train, parts.validation),
        test=split(train, parts.test) if test is None else split(test, np.arange(len(test.labels))),
        class_names=class_names,
        input_mean=mean,
        input_std=std,
        provenance=provenance,
        feature_names=feature_names,
        target=target,
        notices=notices,
    )


def _target(name: str, target_name: str, labels: Array, chosen: NDArray[np.int64]) -> Target:
    _require_moderate(name, labels[:, np.newaxis], (target_name,))
    mean, std = column_statistics(labels[:, np.newaxis], chosen)
    if (labels[chosen] == labels[chosen[0]]).all():
        raise DataError(f"{name}: {target_name} is {labels[chosen[0]]:g} in every row; expected a number that varies")
    return Target(target_name, float(mean[0]), float(std[0]))


def _require_moderate(name: str, rows: Array, names: tuple[str, ...]) -> None:
    """Raise DataError for the first column with a value beyond `LARGEST`, or one that is no number."""
    for column in range(rows.shape[1]):
        values = rows[:, column]
        low, high = float(values.min()), float(values.max())
        if not (low >= -LARGEST and high <= LARGEST):
            values = values.astype(np.float64)
            found = int(np.flatnonzero(~(np.abs(values) <= LARGEST))[0])
            where = f"{names[column] if names else f'feature {column + 1}'} of sample {found + 1}"
            raise DataError(f"{name}: {where} is {values[found]}; expected a number from {-LARGEST:g} to {LARGEST:g}")
