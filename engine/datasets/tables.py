"""Embedded and computed tables: rows of numbers with a seed that says which of them train, validate and test."""

from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.datasets.answers import Answers, class_indices, class_names
from engine.datasets.base import Dataset, Split
from engine.datasets.csv_reader import read_csv
from engine.datasets.paths import data_path
from engine.datasets.splits import split_validation
from engine.datasets.standardize import column_statistics, standardized

Seed = Annotated[int, Meta(ge=0, lt=2**32)]
"""Of which samples train, validate and test."""


def embedded_table(name: str, *, test_share: float, validation_share: float, seed: int, provenance: str) -> Dataset:
    """The data set of data/NAME.csv, with the names of the classes in its last column."""
    path = data_path(f"{name}.csv")
    table = read_csv(path, answer="last")
    answers = Answers(str(path), table.y, table.texts)
    names = class_names(answers, "install tui-nn again")
    return dataset_from_table(
        name,
        table.x,
        class_indices(answers, names),
        feature_names=table.feature_names,
        class_names=names,
        test_share=test_share,
        validation_share=validation_share,
        seed=seed,
        provenance=provenance,
    )


def dataset_from_table(
    name: str,
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
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
    mean, std = column_statistics(features, train)

    def split(chosen: NDArray[np.int64]) -> Split:
        return Split(standardized(features, chosen, mean, std), labels[chosen])

    return Dataset(
        name=name,
        train=split(train),
        validation=split(validation),
        test=split(test),
        class_names=class_names,
        input_mean=mean,
        input_std=std,
        provenance=provenance,
        feature_names=feature_names,
    )
