"""A picture read as one digit or as a number, by whatever knows the digits 0 to 9 in MNIST's form."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.answers import Classify
from engine.digits.form import EDGE, SIDE, evened
from engine.digits.numbers import DigitRead, read_digits
from engine.digits.parts import bounds, label_parts, part_boxes
from engine.digits.preparation import INK, Step, form_steps, ink_steps
from engine.digits.views import VIEWS, seen_in_all, views_of

TEN_DIGITS = tuple("0123456789")

TALL = 0.5
"""Of the line's height: a part that high may be a digit by itself."""

MANY = 100
"""Parts that are compared with one another."""

BROAD = 1.3
"""Of its height: a picture's ink that is broader is looked through for several digits."""


class Reading(NamedTuple):
    """steps: what was done to the picture. digits: left to right, one of a single digit; none where nothing is seen."""

    steps: list[Step]
    digits: list[DigitRead]

    @property
    def text(self) -> str:
        """What is written there."""
        return "".join(str(digit.label) for digit in self.digits)


def knows_digits(class_names: tuple[str, ...], input_shape: tuple[int, ...]) -> bool:
    """Whether a network's classes and pictures are those of MNIST."""
    return class_names == TEN_DIGITS and input_shape == (1, SIDE, SIDE)


def read(grey: Array, classify: Classify, *, drawn: bool = False, number: bool | None = None) -> Reading:
    """One digit, or with `number` as many as there are; None: as many as it looks like.

    grey: (height, width), 0..1. drawn: it is the amount of ink itself, as for `prepare`.
    """
    steps = ink_steps(grey, drawn=drawn)
    amount = steps[-1].picture
    if steps[-1].name != INK or not (number or (number is None and looks_like_number(amount))):
        return one_digit(steps).read(classify)
    return Reading([*steps, *form_steps(evened(amount))], read_digits(amount, classify, perhaps_one=number is None))


class OneDigit(NamedTuple):
    """A picture that is one digit, before anybody has said which: once for all that are asked, or for one that learns.

    views: (views, 28, 28), of the first of VIEWS; none where nothing is to be seen. box: as in `DigitRead`.
    """

    steps: list[Step]
    views: NDArray[np.float32]
    box: tuple[float, float, float, float]

    def read(self, classify: Classify) -> Reading:
        """What it is taken for."""
        if not len(self.views):
            return Reading(self.steps, [])
        probabilities = seen_in_all(self.views[np.newaxis], classify)[0]
        return Reading(self.steps, [DigitRead(probabilities, self.box, self.steps[-1].picture)])


def one_digit(steps: list[Step], views: int = len(VIEWS)) -> OneDigit:
    """After the `ink_steps`. views: in how many it is seen; one is a glance, for a quarter of the time."""
    if steps[-1].name != INK:
        return OneDigit(steps, np.zeros((0, SIDE, SIDE), np.float32), (0.0, 0.0, 0.0, 0.0))
    amount = steps[-1].picture
    black = evened(amount)
    rows, columns = bounds(amount > EDGE)
    height, width = amount.shape
    box = (columns.start / width, rows.start / height, columns.stop / width, rows.stop / height)
    return OneDigit([*steps, *form_steps(black)], views_of(amount, black, VIEWS[:views]), box)


def looks_like_number(amount: Array) -> bool:
    """Whether there are two tall parts side by side, or the ink is much broader than high."""
    rows, columns = bounds(amount > EDGE)
    line = amount[rows, columns] > EDGE
    height, width = line.shape
    tops, bottoms, lefts, rights = part_boxes(label_parts(line))
    tall = bottoms - tops >= TALL * height
    spans = list(zip(lefts[tall].tolist(), rights[tall].tolist(), strict=True))[:MANY]
    spans.sort()
    apart = any(
        min(stop, other_stop) - max(start, other_start) < 0.5 * min(stop - start, other_stop - other_start)
        for n, (start, stop) in enumerate(spans)
        for other_start, other_stop in spans[n + 1 :]
    )
    return apart or width > BROAD * height
