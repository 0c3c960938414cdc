"""What was drawn on the screen, shown to the network that is being trained."""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from engine.arrays import Array
from engine.digits.answers import Answers, Classify
from engine.digits.form import SIDE
from engine.digits.numbers import DigitRead
from engine.digits.reading import OneDigit, knows_digits, read
from engine.digits.views import VIEWS
from engine.errors import UserError
from engine.training.commands import PredictDrawing, PredictViews
from engine.training.events import DrawingPredicted, DrawnDigit
from engine.training.learner import Learner

MAX_PIXELS = 1 << 20
"""Of a drawing: a screen has far fewer."""


def predict_drawing(learner: Learner, command: PredictDrawing) -> DrawingPredicted:
    """What the network says of it at this step. Raises UserError where it reads no digits, or that is no drawing."""
    began = perf_counter()
    classify = _classify(learner)
    height, width = command.height, command.width
    if height < 1 or width < 1 or height * width > MAX_PIXELS or len(command.pixels) != height * width:
        raise UserError(f"a drawing of {height}x{width} pixels has {len(command.pixels):,} bytes; expected one a pixel")
    amount = np.frombuffer(command.pixels, np.uint8).reshape(height, width) / np.float32(255)
    return _predicted(learner, read(amount, classify, drawn=True).digits, command.drawing, began)


def predict_views(learner: Learner, command: PredictViews) -> DrawingPredicted:
    """The same of one digit that has been prepared. Raises UserError where it reads none, or those are no views."""
    began = perf_counter()
    classify = _classify(learner)
    size = SIDE * SIDE * np.dtype(np.float32).itemsize
    if len(command.views) % size or len(command.views) > len(VIEWS) * size:
        raise UserError(f"views of {len(command.views):,} bytes; expected {size:,} for each of {len(VIEWS)} at most")
    views = np.frombuffer(command.views, np.float32).reshape(-1, SIDE, SIDE)
    return _predicted(learner, OneDigit(views, command.box).read(classify), command.drawing, began)


def _classify(learner: Learner) -> Classify:
    dataset = learner.dataset
    if not knows_digits(dataset.class_names, dataset.input_shape):
        raise UserError(
            f"a drawing is read by networks of the digits 0 to 9 in 28x28 pixels; {dataset.name} has others"
        )

    def classify(pictures: Array) -> Answers:
        x = ((pictures[:, np.newaxis] - dataset.input_mean) / dataset.input_std).astype(np.float32)
        outputs = learner.outputs(x)
        return Answers(learner.loss.probabilities(outputs), outputs.max(axis=1))

    return classify


def _predicted(learner: Learner, found: Sequence[DigitRead], drawing: int, began: float) -> DrawingPredicted:
    digits = [
        DrawnDigit(
            digit.label,
            tuple(digit.probabilities.tolist()),
            digit.box,
            np.rint(digit.picture * 255).astype(np.uint8).tobytes(),
        )
        for digit in found
    ]
    return DrawingPredicted(learner.position.step, tuple(digits), drawing, perf_counter() - began)
