"""A picture that is moved, turned or noisy, and what it is then taken for."""

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from msgspec.structs import asdict, replace

from engine.arrays import Array
from engine.datasets.base import Dataset
from engine.errors import UserError
from engine.kernels.augment import look_up_reference
from engine.training.commands import AMOUNTS, ChangeOfPicture, Variation
from engine.training.events import DigitPredicted, DigitVaried, Track
from engine.training.learner import Learner

SIDE = 28
"""Parts of the longer side in which moves are told."""


def vary_digit(learner: Learner, index: int, variation: Variation) -> DigitVaried:
    """A sample of the test split, counted around the end. Raises UserError for samples that are no pictures of classes,
    and for a change that is not finite.
    """
    began = perf_counter()
    x, label = picture_of(learner, index, variation)
    tracks = []
    for kind, amounts in AMOUNTS.items():
        answers, _ = learner.predict(
            varied(learner.dataset, _original(learner, index), [_with(variation, kind, amount) for amount in amounts])
        )
        tracks.append(Track(kind, amounts, tuple(answers.tolist())))
    answers, probabilities = learner.predict(x)
    picture = learner.dataset.pixels(x)[0].mean(axis=0)
    prediction = DigitPredicted(
        step=learner.position.step,
        index=index % len(learner.dataset.test),
        label=label,
        answer=int(answers[0]),
        height=picture.shape[0],
        width=picture.shape[1],
        pixels=np.rint(picture * 255).astype(np.uint8).tobytes(),
        probabilities=tuple(probabilities[0].tolist()),
    )
    return DigitVaried(learner.position.step, variation, prediction, tuple(tracks), perf_counter() - began)


def picture_of(learner: Learner, index: int, variation: Variation) -> tuple[Array, int]:
    """A changed sample of the test split, (1, channels, height, width), and its label. Raises as `vary_digit` does."""
    dataset = learner.dataset
    if len(dataset.input_shape) != 3 or dataset.target is not None:
        raise UserError(f"{dataset.name} has no pictures of classes: there are no pixels to speak for one")
    if not all(map(np.isfinite, asdict(variation).values())):
        raise UserError(f"{variation}: must be finite")
    return varied(dataset, _original(learner, index), [variation]), int(dataset.test.labels[index % len(dataset.test)])


def varied(dataset: Dataset, x: Array, variations: Sequence[Variation]) -> Array:
    """What becomes of one picture, (1, channels, height, width): a picture each, black coming in from outside.

    Noise is the same in all of them but for its size, and is cut off at black and white.
    """
    height, width = x.shape[2:]
    unit = max(height, width) / SIDE
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    y, across = np.mgrid[:height, :width].astype(np.float64)
    black = float(-np.asarray(dataset.input_mean) / dataset.input_std)
    noise = np.random.default_rng(0).normal(size=x.shape[1:])
    pictures = np.repeat(x, len(variations), axis=0)
    for picture, change in zip(pictures, variations, strict=True):
        if (change.right, change.down, change.rotation) != (0, 0, 0):
            # What is seen at a place was, before it was moved and turned, at another.
            row, column = y - change.down * unit - middle[0], across - change.right * unit - middle[1]
            cos, sin = np.cos(np.radians(change.rotation)), np.sin(np.radians(change.rotation))
            before = np.stack([cos * row - sin * column + middle[0], sin * row + cos * column + middle[1]])
            look_up_reference(x[0], before, black, picture)
        if change.noise:
            values = (dataset.values(picture) + change.noise * noise).clip(0, 1)
            picture[...] = (values - dataset.input_mean) / dataset.input_std
    return pictures


def _with(variation: Variation, kind: ChangeOfPicture, amount: float) -> Variation:
    return replace(variation, **{kind: amount})


def _original(learner: Learner, index: int) -> Array:
    split = learner.dataset.test
    place = index % len(split)
    return split.x[place : place + 1]
