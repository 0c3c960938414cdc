"""Samples that somebody adds to the training data while it is trained on."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import NamedTuple

import numpy as np

from engine.datasets.base import Dataset, Split
from engine.errors import UserError

MOST = 10_000
"""Samples that a run takes: a person draws far fewer, and every epoch in which one comes copies the split."""


class AddedSample(NamedTuple):
    """A picture with its class: grey levels channel by channel, row by row, 0 to 255, in the network's own form."""

    label: int
    pixels: bytes


def require_fitting(sample: AddedSample, dataset: Dataset) -> None:
    """Raise UserError for what cannot be a training sample of that data set."""
    if len(dataset.input_shape) != 3 or dataset.target is not None:
        raise UserError(f"{dataset.name} has no classes of pictures: none can be added to its training data")
    if not 0 <= sample.label < len(dataset.class_names):
        raise UserError(f"label {sample.label}: {dataset.name} has the classes 0 to {len(dataset.class_names) - 1}")
    if len(sample.pixels) != prod(dataset.input_shape):
        size = "x".join(map(str, dataset.input_shape))
        raise UserError(
            f"a picture of {len(sample.pixels):,} bytes: {dataset.name} has pictures of {size}, a byte each"
        )


def with_samples(dataset: Dataset, samples: Sequence[AddedSample]) -> Dataset:
    """The data set with these behind its training split, standardized as the others are."""
    if not samples:
        return dataset
    pixels = np.frombuffer(b"".join(sample.pixels for sample in samples), np.uint8)
    values = pixels.reshape(-1, *dataset.input_shape) / np.float32(255)
    x = (values - np.float32(dataset.input_mean)) / np.float32(dataset.input_std)
    labels = np.array([sample.label for sample in samples], np.int64)
    train = dataset.train
    return replace(dataset, train=Split(np.concatenate([train.x, x]), np.concatenate([train.labels, labels])))
