"""What a configuration needs to know of its data to be planned: everything but the samples."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from engine.arrays import Shape
from engine.datasets.base import Dataset, Split, Target
from engine.datasets.remote import find
from engine.training.events import RunStarted


class Outline(NamedTuple):
    """A data set of one sample in each split, which stands for all of `train_count`."""

    dataset: Dataset
    train_count: int

    @property
    def text(self) -> str:
        """In a line: "3,600 samples of (1, 28, 28), 10 classes"."""
        target = self.dataset.target
        answers = f"{len(self.dataset.class_names)} classes" if target is None else f"a number, {target.name}"
        return f"{self.train_count:,} samples of {self.dataset.input_shape}, {answers}"


def outline(dataset: Dataset) -> Outline:
    """Of a data set that was read."""
    first = Split(dataset.train.x[:1], dataset.train.labels[:1])
    return Outline(replace(dataset, train=first, validation=first, test=first), len(dataset.train))


def outline_of_remote(name: str) -> Outline | None:
    """Of a data set that is downloaded, without its files; None for others."""
    found = find(name)
    if found is None:
        return None
    return _outline(name, found.input_shape, found.class_names, None, found.train_count)


def outline_of_run(started: RunStarted) -> Outline:
    """Of the data of a run, which told all that is needed."""
    target = Target(started.target, 0.0, 1.0) if started.target else None
    return _outline(started.dataset, started.input_shape, started.class_names, target, started.train_count)


def _outline(name: str, input_shape: Shape, class_names: tuple[str, ...], target: Target | None, count: int) -> Outline:
    labels = np.zeros(1, np.int64) if target is None else np.zeros(1, np.float64)
    blank = Split(np.zeros((1, *input_shape), np.float32), labels)
    return Outline(Dataset(name, blank, blank, blank, class_names, 0.0, 1.0, "", target=target), count)
