"""Arrays of the user's own, in one file of NumPy."""

from pathlib import Path

import numpy as np

from engine.arrays import Array
from engine.datasets.answers import Answers, class_indices, class_names, shown
from engine.datasets.argument import read_argument
from engine.datasets.base import DataError, Dataset, datasets
from engine.datasets.files import one_line
from engine.datasets.npz_reader import NpzArrays
from engine.datasets.samples import Samples, dataset_from_samples

SETS = (("x_train", "y_train", "x_test", "y_test"), ("x", "y"))
"""Keras' names, or those of data without a test."""

CHANNELS = (1, 3)
"""Counts of channels by which it is seen that they come last."""

WHOLE = "biu"
"""NumPy's kinds of numbers without fractions."""


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
    kinds = {(array.shape[1:], array.ndim > 2 and array.dtype.kind in WHOLE) for array in x}
    if len(kinds) > 1:
        found = " and ".join(f"{array.dtype} {array.shape[1:]}" for array in x)
        raise DataError(f"{path}: training and test samples differ, {found}; expected the same")
    if x[0].ndim > 2:
        # What 1 means is seen in the training pictures alone, or it could mean two things.
        white = 1 if x[0].max() <= 1 else 255
        x = [_scaled(path, name, array, white) for name, array in zip(names[::2], x, strict=True)]
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
    """Rows (count, features), or pictures (count, channels, height, width): the values as they are in the file."""
    if not x.size or not 1 <= x.ndim <= 4:
        raise DataError(f"{path}: {name} has the shape {x.shape}; expected (count, features) or (count, height, width)")
    if x.ndim <= 2:
        return x.reshape(len(x), -1)
    if x.ndim == 3:
        return x[:, np.newaxis]
    return np.moveaxis(x, -1, 1) if x.shape[-1] in CHANNELS else x


def _scaled(path: Path, name: str, x: Array, white: int) -> Array:
    """Pictures as bytes, or else in 0..1, where they are written over: a copy may not fit into memory."""
    low, high = x.min(), x.max()
    if not (low >= 0 and high <= white):
        raise DataError(
            f"{path}: {name} has pixels from {low:g} to {high:g}; expected 0 to 255, or 0 to 1 in all arrays"
        )
    if x.dtype.kind not in WHOLE:
        return x if white == 1 else np.divide(x, white, out=x)
    # Pictures of 0 and 1 alone are black and white.
    pixels = x.astype(np.uint8, copy=False)
    return np.multiply(pixels, np.uint8(255 // white), out=pixels)


def _answers(path: Path, name: str, y: Array, count: int) -> Answers:
    where = f"{path}: {name}"
    if y.size != count or len(y) != count:
        raise DataError(f"{where} has the shape {y.shape}; expected ({count},), one a sample")
    y = y.reshape(-1)
    if y.dtype.kind in "US":
        # Only each text once becomes one of four bytes a letter.
        texts, codes = np.unique(y, return_inverse=True)
        try:
            names = texts.astype(str).tolist()
        except UnicodeDecodeError as error:
            raise DataError(f"{where} has text in bytes ({one_line(error)}); expected ASCII, or str") from None
        return Answers(where, codes.reshape(-1).astype(np.float64), tuple(names))
    if not np.isfinite(y).all():
        place = int(np.flatnonzero(~np.isfinite(y))[0])
        raise DataError(f"{where} has {y[place]} for sample {place + 1}; expected a number")
    return Answers(where, y.astype(np.float64))
