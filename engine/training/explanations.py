"""One sample of the test split with what in it speaks for a class."""

from time import perf_counter

import numpy as np

from engine.arrays import Array
from engine.errors import UserError
from engine.training.events import DigitExplained, Variations
from engine.training.learner import Learner
from engine.training.saliency import Varied, gradient_map, occlusion_map, rotated, shifted, with_noise

SHIFTS = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
"""In pixels of 28; of other pictures so much more."""

ROTATIONS = (-40.0, -30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0, 40.0)
NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

SIDE = 28
LARGEST_SIDE = 128
"""Of pictures that are explained: larger ones would hold the training up."""


def explain_digit(learner: Learner, index: int, shown_class: int | None) -> DigitExplained:
    """What speaks for a class, or for the one that the sample is taken for. The index counts around the end.

    Raises UserError for samples that are no pictures, answers that are numbers, and a class that there is not.
    """
    began = perf_counter()
    dataset = learner.dataset
    shape, classes = dataset.input_shape, len(dataset.class_names)
    if len(shape) != 3 or dataset.target is not None:
        raise UserError(f"{dataset.name} has no pictures of classes: there are no pixels to speak for one")
    if max(shape[1:]) > LARGEST_SIDE:
        raise UserError(f"pictures of {shape[1]}x{shape[2]}: explained are those of {LARGEST_SIDE} pixels at most")
    if shown_class is not None and not 0 <= shown_class < classes:
        raise UserError(f"class {shown_class}: must be 0 to {classes - 1}")
    split = dataset.test
    index %= len(split)
    x = split.x[index : index + 1]
    answer = int(learner.predict(x)[0][0])
    shown = answer if shown_class is None else shown_class
    gradient, gradient_bound = _as_bytes(gradient_map(learner, x, shown))
    occlusion, occlusion_bound = _as_bytes(occlusion_map(learner, x, shown))
    shifts = tuple(amount * max(shape[1:]) / SIDE for amount in SHIFTS)
    return DigitExplained(
        step=learner.position.step,
        index=index,
        label=int(split.labels[index]),
        answer=answer,
        shown_class=shown,
        height=shape[1],
        width=shape[2],
        pixels=np.rint(dataset.pixels(x)[0].mean(axis=0) * 255).astype(np.uint8).tobytes(),
        gradient=gradient,
        gradient_bound=gradient_bound,
        occlusion=occlusion,
        occlusion_bound=occlusion_bound,
        variations=(
            _told("shift", shifted(learner, x, shown, shifts)),
            _told("rotation", rotated(learner, x, shown, ROTATIONS)),
            _told("noise", with_noise(learner, x, shown, NOISES)),
        ),
        seconds=perf_counter() - began,
    )


def _as_bytes(values: Array) -> tuple[bytes, float]:
    """Shares of the largest magnitude in ±127, -128 for what is not finite; and that magnitude."""
    finite = np.isfinite(values)
    bound = float(np.abs(np.where(finite, values, 0)).max())
    shares = np.where(finite, values, 0) / (bound or 1.0)
    return np.where(finite, np.rint(shares * 127), -128).astype(np.int8).tobytes(), bound


def _told(kind: str, varied: Varied) -> Variations:
    answers, probabilities = map(int, varied.answers), map(float, varied.probabilities)
    return Variations(kind, varied.amounts, tuple(answers), tuple(probabilities))  # type: ignore[arg-type]
