"""A table of the user's own, as text."""

import re

import numpy as np

from engine.arrays import Array
from engine.datasets.answers import Answers, class_indices, class_names, shown
from engine.datasets.argument import Argument, read_argument
from engine.datasets.base import DataError, Dataset, datasets
from engine.datasets.csv_reader import Table, read_csv
from engine.datasets.samples import Samples, dataset_from_samples

OPTIONS = ("label", "target", "skip", "header", "test", "shape")

ROW_NUMBERS = ("", "id", "index", "row")
"""Names, in small letters, of columns that may number the rows and teach nothing."""


@datasets.register("csv:FILE")
def load(argument: str) -> Dataset:
    """A table: csv:FILE,label=COLUMN has classes, csv:FILE,target=COLUMN a number to predict."""
    name = f"csv:{argument}"
    given = read_argument("csv:FILE", argument, OPTIONS)
    label, target = given.option("label"), given.option("target")
    if label is not None and target is not None:
        raise DataError(f"{given.path}: label={label} and target={target}; expected one of the two")
    table = _read(given.path, given, label if target is None else target, text=target is None)
    answers = _answers(given.path, table)
    notices = [f"the answers are those of {table.answer_name!r}, the column {table.chosen}"] if table.chosen else []
    # Where nobody said what the answers are, fractions do.
    numbers = target is not None or (label is None and answers.fractional)
    names = () if numbers else class_names(answers, "label=COLUMN names another column, target=COLUMN one of numbers")
    test_path = given.option("test")
    test = None
    if test_path is not None:
        path = read_argument("csv:FILE", test_path).path
        column = table.answer_name if table.header else str(table.answer_column + 1)
        found = _read(path, given, column, text=not numbers)
        if found.feature_names != table.feature_names:
            raise DataError(f"{path}: has other columns than {given.path}; expected the same, in the same order")
        test = _samples(path, given, found, _answers(path, found), names)
    train = _samples(given.path, given, table, answers, names)
    if train.x.ndim == 2:
        notices += _remarks(table)
    return dataset_from_samples(
        name,
        train,
        test,
        class_names=shown(names),
        target_name=shown((table.answer_name,))[0] if numbers else "",
        feature_names=shown(table.feature_names) if train.x.ndim == 2 else (),
        provenance=f"read from {given.path}",
        notices=tuple(notices),
    )


def _read(path: object, given: Argument, answer: str | None, *, text: bool) -> Table:
    header = given.option("header")
    if header not in (None, "yes", "no"):
        raise DataError(f"{path}: header={header}; expected yes or no")
    known = None if header is None else header == "yes"
    return read_csv(str(path), answer=answer, text=text, skip=given.options.get("skip", ()), header=known)


def _answers(path: object, table: Table) -> Answers:
    return Answers(f"{path}: column {table.answer_name!r}", table.y, table.texts)


def _samples(path: object, given: Argument, table: Table, answers: Answers, names: tuple[str, ...]) -> Samples:
    labels = class_indices(answers, names) if names else answers.values
    shape = given.option("shape")
    return Samples(table.x if shape is None else _pictures(path, table, shape), labels)


def _pictures(path: object, table: Table, shape: str) -> Array:
    """The rows as pictures of bytes. shape: "28x28", or "3x32x32" with the channels first."""
    sizes = [int(part) for part in shape.split("x")] if re.fullmatch(r"\d{1,6}(x\d{1,6}){1,2}", shape) else []
    features = table.x.shape[1]
    if not sizes or np.prod(sizes) != features:
        raise DataError(f"{path}: shape={shape} for {features} columns; expected HEIGHTxWIDTH or CHANNELSxHEIGHTxWIDTH")
    with np.errstate(invalid="ignore"):
        pixels = table.x.astype(np.uint8)
    if not np.array_equal(pixels, table.x):
        raise DataError(f"{path}: shape={shape} for columns that are no pixels; expected whole numbers from 0 to 255")
    return pixels.reshape(-1, *([1] if len(sizes) == 2 else []), *sizes)


def _remarks(table: Table) -> list[str]:
    """What looks like a mistake in how the table is read."""
    rows, features = table.x.shape
    remarks = []
    for name, column in zip(table.feature_names, table.x.T, strict=True):
        if name.lower() in ROW_NUMBERS and rows > 2 and (np.diff(column) == 1).all():
            remarks.append(
                f"the column {name!r} numbers the rows, which teaches nothing: leave it out with skip={name}"
            )
    side = round(features**0.5)
    if side >= 8 and side * side == features and table.x.min() >= 0 and 2 < table.x.max() <= 255:
        remarks.append(f"{features} columns of 0 to 255 look like pictures: shape={side}x{side} makes them so")
    return remarks
