"""Samples of a measurement of errors, to be looked at: their pictures, or their features."""

from math import ceil
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.errors import UserError
from engine.training.commands import MOST_POINTS, PickSamples
from engine.training.error_measurement import Answered, ErrorMeasurement
from engine.training.events import SamplesPicked

LARGEST_SIDE = 28
"""Pixels along the longer side of a picture: enough to see what it is."""


def pick_samples(measured: ErrorMeasurement, asked: PickSamples) -> SamplesPicked:
    """Those that were asked for, as many as an event holds; from the first where there are not so many.

    Raises UserError for a class that there is not, and for a negative number.
    """
    began = perf_counter()
    answered, dataset = measured.answered, measured.dataset
    assert answered is not None, "it is complete"
    classes = len(dataset.class_names)
    if not (0 <= asked.label < classes and 0 <= asked.answer < classes):
        raise UserError(f"classes {asked.label} and {asked.answer}: must be 0 to {classes - 1}")
    if asked.first < 0 or asked.count < 0:
        raise UserError(f"{asked.count} samples from {asked.first} on: must be 0 or more")
    places = _places(answered, asked)
    first = asked.first if asked.first < len(places) else 0
    shown = places[first : first + asked.count]
    x = answered.split.x[answered.chosen[shown]]
    pictures = np.zeros((len(shown), 0, 0))
    features: tuple[tuple[float, ...], ...] = ()
    if len(dataset.input_shape) == 3:
        pictures = smaller(dataset.pixels(x).mean(axis=1), LARGEST_SIDE)
        pictures = pictures[: MOST_POINTS // max(pictures[:1].size, 1)]
        shown = shown[: len(pictures)]
    else:
        features = tuple(map(tuple, dataset.values(x).tolist()))
    return SamplesPicked(
        step=answered.step,
        split=measured.asked.split,
        which=asked.which,
        label=asked.label,
        answer=asked.answer,
        total=len(places),
        first=first,
        samples=tuple(map(answered.mistake, shown)),
        height=pictures.shape[1],
        width=pictures.shape[2],
        pixels=np.rint(pictures * 255).astype(np.uint8).tobytes(),
        features=features,
        seconds=perf_counter() - began,
    )


def smaller(pictures: Array, side: int) -> Array:
    """Pictures, (count, height, width), of at most that side: each pixel the mean of a square block of them.

    What is left over at the right and below is cut off.
    """
    count, height, width = pictures.shape
    block = ceil(max(height, width) / side)
    rows, columns = max(height // block, 1), max(width // block, 1)
    cut = pictures[:, : rows * block, : columns * block]
    blocks = cut.reshape(count, rows, cut.shape[1] // rows, columns, cut.shape[2] // columns)
    means: Array = blocks.mean(axis=(2, 4))
    return means


def _places(answered: Answered, asked: PickSamples) -> NDArray[np.int64]:
    match asked.which:
        case "mistakes":
            return answered.worst
        case "suspects":
            return answered.suspects
        case "cell":
            there = np.flatnonzero((answered.labels == asked.label) & (answered.answers == asked.answer))
            return there[np.argsort(answered.probabilities[there, asked.label], kind="stable")]
