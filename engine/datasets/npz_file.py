"""Arrays of the user's own, in one file of NumPy."""

from pathlib import Path

import numpy as np

from engine.arrays import Array
from engine.datasets.answers import Answers, class_indices, class_names, shown
from engine.datasets.argument import read_argument
from engine.datasets.base import DataError, Dataset, datasets
from engine.datasets.npz_reader import NpzArrays
from engine.datasets.samples import Samples, dataset_from_samples

SETS = (("x_train", "y_train", "x_test", "y_test"), ("x", "y"))
"""Keras' names, or those of data without a test."""

CHANNELS = (1, 3)
"""Counts of channels by which it is seen that they come last."""


@datasets.register("npz:FILE")
def load(argument: str) -> Dataset:
    """NumPy's arrays x_train, y_train, x_test and y_test, as Keras names them, or x and y."""
    given = read_argument("npz:FILE", argument, ("label", "target"))
    path = given.path
    label, target = given.option("label"), given.option("target")
    if (label or target or "y") != "y" or (label and target):
        raise DataError(f"{path}: label={label} and target={target}; expected label=y for classes or target=y")
    with NpzArrays(path) as arrays:
        names = next((names for names in SETS if set(names) <= arrays.names), None)
        if names is None:
            there = ", ".join(sorted(arrays.names)[:20]) or "nothing"
            raise DataError(f"{path}: holds {there}; expected {', '.join(SETS[0])}, or {' and '.join(SETS[1])}")
        x = [_inputs(path, name, arrays.read(name)) for name in names[::2]]
        y = [_answers(path, name, arrays.read(name, text=True), len(x[i])) for i, name in enumerate(names[1::2])]
    if x[0].shape[1:] != x[-1].shape[1:] or x[0].dtype != x[-1].dtype:
        kinds = " and ".join(f"{array.dtype} {array.shape[1:]}" for array in x)
        raise DataError(f"{path}: training and test samples differ, {kinds}; expected the same")
    numbers = bool(target) or (not label and y[0].fractional)
    if numbers and any(answers.texts for answers in y):
        raise DataError(f"{y[0].where} holds text; expected numbers for target=y")
    classes = () if numbers else class_names(y[0], "target=y takes y for a number")
    samples = [
        Samples(inputs, class_indices(answers, classes) if classes else answers.values)
        for inputs, answers in zip(x, y, strict=True)
    ]
    return dataset_from_samples(
        f"npz:{argument}",
        samples[0],
        samples[1] if len(samples) > 1 else None,
        class_names=shown(classes),
        target_name="y" if numbers else "",
        provenance=f"read from {path}",
    )


def _inputs(path: Path, name: str, x: Array) -> Array:
    """Rows (count, features) of float64, or pictures (count, channels, height, width), bytes or else in 0..1."""
    if not x.size or not 1 <= x.ndim <= 4:
        raise DataError(f"{path}: {name} has the shape {x.shape}; expected (count, features) or (count, height, width)")
    if x.ndim <= 2:
        return x.reshape(len(x), -1).astype(np.float64, copy=False)
    if x.ndim == 3:
        x = x[:, np.newaxis]
    elif x.shape[-1] in CHANNELS:
        x = np.moveaxis(x, -1, 1)
    low, high = x.min(), x.max()
    if not (low >= 0 and high <= 255):
        raise DataError(f"{path}: {name} has pixels from {low:g} to {high:g}; expected 0 to 255, or 0 to 1")
    if x.dtype.kind in "biu":
        # Pictures of 0 and 1 alone are black and white.
        return x.astype(np.uint8) * np.uint8(255) if high <= 1 else np.ascontiguousarray(x, np.uint8)
    return np.ascontiguousarray(x, np.float32) if high <= 1 else (x / 255).astype(np.float32)


def _answers(path: Path, name: str, y: Array, count: int) -> Answers:
    where = f"{path}: {name}"
    if y.size != count or len(y) != count:
        raise DataError(f"{where} has the shape {y.shape}; expected ({count},), one a sample")
    y = y.reshape(-1)
    if y.dtype.kind in "US":
        texts, codes = np.unique(y.astype(str), return_inverse=True)
        return Answers(where, codes.reshape(-1).astype(np.float64), tuple(texts.tolist()))
    if not np.isfinite(y).all():
        place = int(np.flatnonzero(~np.isfinite(y))[0])
        raise DataError(f"{where} has {y[place]} for sample {place + 1}; expected a number")
    return Answers(where, y.astype(np.float64))
