"""Pictures of bytes become a data set."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import DataError, Dataset, Split
from engine.datasets.splits import split_validation


class LabelledImages(NamedTuple):
    """images: (count, height, width) uint8, labels: (count,) uint8."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def dataset_from_images(
    name: str, train: LabelledImages, test: LabelledImages, class_names: tuple[str, ...], provenance: str
) -> Dataset:
    """Keep a part of `train` for validation, standardize all by what is left of it."""
    train_indices, validation_indices = split_validation(train.labels)
    if not len(validation_indices):
        raise DataError(f"{name}: {len(train.labels)} training images; expected two of a class or more")
    training_images = train.images[train_indices]
    mean, std = pixel_statistics(training_images)

    def split(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Split:
        # In place: the float32 copy of full MNIST is 188 MB, and one is enough.
        x = images[:, np.newaxis].astype(np.float32)
        x /= 255
        x -= mean
        x /= std
        return Split(x, labels.astype(np.int64))

    return Dataset(
        name=name,
        train=split(training_images, train.labels[train_indices]),
        validation=split(train.images[validation_indices], train.labels[validation_indices]),
        test=split(test.images, test.labels),
        class_names=class_names,
        input_mean=mean,
        input_std=std,
        provenance=provenance,
    )


def pixel_statistics(images: NDArray[np.uint8]) -> tuple[float, float]:
    """Mean and standard deviation of all pixels, as 0..1. Pictures of one grey have the deviation 1.

    From the count of each of the 256 values: exact, and without a float64 copy of the pictures.
    """
    counts = np.zeros(256, dtype=np.int64)
    for image in images:
        counts += np.bincount(image.ravel(), minlength=256)
    values = np.arange(256) / 255
    mean = float(counts @ values / counts.sum())
    std = float(np.sqrt(counts @ (values - mean) ** 2 / counts.sum()))
    return mean, std or 1.0
