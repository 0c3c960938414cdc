"""What was drawn on the screen, shown to the network that is being trained."""

from functools import lru_cache
from time import perf_counter

import numpy as np

from engine.arrays import Array
from engine.digits.answers import Answers
from engine.digits.preparation import ink_steps
from engine.digits.reading import OneDigit, knows_digits, one_digit, read
from engine.digits.views import VIEWS
from engine.errors import UserError
from engine.predictor import Predictor
from engine.training.commands import PredictDrawing
from engine.training.events import DrawingPredicted, DrawnDigit
from engine.training.learner import Learner

MAX_PIXELS = 1 << 20
"""Of a drawing: a screen has far fewer."""


def predict_drawing(learner: Learner, command: PredictDrawing) -> DrawingPredicted:
    """What the network says of it at this step. Raises UserError where it reads no digits, or that is no drawing."""
    began = perf_counter()
    dataset = learner.dataset
    if not knows_digits(dataset.class_names, dataset.input_shape):
        raise UserError(
            f"a drawing is read by networks of the digits 0 to 9 in 28x28 pixels; {dataset.name} has others"
        )
    height, width = command.height, command.width
    if height < 1 or width < 1 or height * width > MAX_PIXELS or len(command.pixels) != height * width:
        raise UserError(f"a drawing of {height}x{width} pixels has {len(command.pixels):,} bytes; expected one a pixel")
    predictor = Predictor(
        learner.model,
        learner.loss,
        dataset.class_names,
        np.asarray(dataset.input_mean, np.float32),
        np.asarray(dataset.input_std, np.float32),
    )

    def classify(pictures: Array) -> Answers:
        return predictor.answers(pictures[:, np.newaxis])

    if command.number is False:
        found = _one_digit(command.pixels, height, width, 1 if command.glance else len(VIEWS)).read(classify)
    else:
        found = read(_amount(command.pixels, height, width), classify, drawn=True, number=command.number)
    digits = [
        DrawnDigit(
            digit.label,
            tuple(digit.probabilities.tolist()),
            digit.box,
            np.rint(digit.picture * 255).astype(np.uint8).tobytes(),
        )
        for digit in found.digits
    ]
    return DrawingPredicted(learner.position.step, tuple(digits), command.drawing, perf_counter() - began)


@lru_cache(maxsize=1)
def _one_digit(pixels: bytes, height: int, width: int, views: int) -> OneDigit:
    """The last one is kept: a drawing that somebody looks at is shown to the network again and again."""
    digit = one_digit(ink_steps(_amount(pixels, height, width), drawn=True), views)
    digit.views.flags.writeable = False
    return digit


def _amount(pixels: bytes, height: int, width: int) -> Array:
    return np.frombuffer(pixels, np.uint8).reshape(height, width) / np.float32(255)
