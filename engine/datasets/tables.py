"""Rows of numbers become a data set."""

import csv
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.datasets.base import Dataset, Split
from engine.datasets.paths import data_path
from engine.datasets.splits import split_validation

Seed = Annotated[int, Meta(ge=0, lt=2**32)]
"""Of which samples train, validate and test."""


def embedded_table(
    name: str,
    *,
    class_names: tuple[str, ...],
    test_share: float,
    validation_share: float,
    seed: int,
    provenance: str,
) -> Dataset:
    """The data set of data/NAME.csv: a line of column names, features as numbers, the name of the class last."""
    with data_path(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        (*feature_names, _), *rows = csv.reader(file)
    return dataset_from_table(
        name,
        np.array([row[:-1] for row in rows], dtype=np.float64),
        np.array([class_names.index(row[-1]) for row in rows]),
        feature_names=tuple(feature_names),
        class_names=class_names,
        test_share=test_share,
        validation_share=validation_share,
        seed=seed,
        provenance=provenance,
    )


def dataset_from_table(
    name: str,
    features: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    feature_names: tuple[str, ...],
    class_names: tuple[str, ...],
    test_share: float,
    validation_share: float,
    seed: int,
    provenance: str,
) -> Dataset:
    """features: (count, features), labels: (count,). Shuffled and split by `seed`, each feature standardized.

    `test_share` of every class is kept to test, `validation_share` of every class of the rest to validate.
    """
    # RandomState's stream is frozen for good; a Generator's may change with NumPy.
    order = np.random.RandomState(seed).permutation(len(labels))
    features, labels = features[order], labels[order]
    rest, test = split_validation(labels, test_share, seed)
    training, validation = split_validation(labels[rest], validation_share, seed)
    train, validation = rest[training], rest[validation]
    mean, std = features[train].mean(axis=0), features[train].std(axis=0)
    std[std == 0] = 1.0

    def split(chosen: NDArray[np.int64]) -> Split:
        return Split(((features[chosen] - mean) / std).astype(np.float32), labels[chosen].astype(np.int64))

    return Dataset(
        name=name,
        train=split(train),
        validation=split(validation),
        test=split(test),
        class_names=class_names,
        input_mean=tuple(mean.tolist()),
        input_std=tuple(std.tolist()),
        provenance=provenance,
        feature_names=feature_names,
    )
