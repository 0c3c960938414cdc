"""A folder with the four files of MNIST or of a relative: Fashion-MNIST, KMNIST, the user's own."""

import os
from pathlib import Path

import numpy as np

from engine.datasets.argument import read_argument
from engine.datasets.base import DataError, Dataset, datasets
from engine.datasets.files import ANSWER, Room
from engine.datasets.idx import read_idx
from engine.datasets.samples import Samples, dataset_from_samples


@datasets.register("idx:DIR")
def load(directory: str) -> Dataset:
    """Four IDX files, named as MNIST's, in a folder of your own."""
    folder = read_argument("idx:DIR", directory).path
    return load_idx_folder(folder, f"idx:{directory}", provenance=f"read from {folder}")


def load_idx_folder(folder: Path, name: str, *, class_names: tuple[str, ...] | None = None, provenance: str) -> Dataset:
    """The data set of `train-` and `t10k-` `images-idx3-ubyte` and `labels-idx1-ubyte`, each with or without .gz.

    Without `class_names` the classes are 0 to the largest training label.
    """
    if not os.path.isdir(folder):
        raise DataError(
            f"{folder}: no such folder; expected one with {_file_name('train', 'images')}[.gz] and the like"
        )
    room = Room()
    train = _read_split(folder, "train", room)
    test = _read_split(folder, "t10k", room)
    if train.x.shape[1:] != test.x.shape[1:]:
        shapes = " and ".join(f"{height}x{width}" for _, _, height, width in (train.x.shape, test.x.shape))
        raise DataError(f"{folder}: training and test images differ in size, {shapes}; expected the same")
    if class_names is None:
        class_names = tuple(str(label) for label in range(int(train.labels.max()) + 1))
    for split, samples in (("train", train), ("t10k", test)):
        if samples.labels.max() >= len(class_names):
            path = _find(folder, split, "labels")
            expected = f"0 to {len(class_names) - 1}, as in training"
            raise DataError(f"{path}: holds the label {samples.labels.max()}; expected {expected}")
    return dataset_from_samples(name, train, test, class_names=class_names, provenance=provenance)


def _read_split(folder: Path, split: str, room: Room) -> Samples:
    image_path, label_path = _find(folder, split, "images"), _find(folder, split, "labels")
    images, labels = read_idx(image_path, room), read_idx(label_path, room)
    if images.ndim != 3 or not images.size:
        raise DataError(f"{image_path}: holds an array of shape {images.shape}; expected (count, height, width)")
    if labels.shape != images.shape[:1]:
        raise DataError(f"{label_path}: holds labels of shape {labels.shape}; expected ({len(images)},), one an image")
    room.take(label_path, len(labels), ANSWER)
    return Samples(images[:, np.newaxis], labels.astype(np.int64))


def _find(folder: Path, split: str, kind: str) -> Path:
    plain = folder / _file_name(split, kind)
    compressed = folder / f"{plain.name}.gz"
    # A missing file is named as it is usually downloaded.
    return plain if os.path.exists(plain) else compressed


def _file_name(split: str, kind: str) -> str:
    return f"{split}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"
