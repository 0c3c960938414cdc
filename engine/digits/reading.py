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
    if steps[-1].name != INK:
        return Reading(steps, [])
    amount = steps[-1].picture
    black = evened(amount)
    if number or (number is None and looks_like_number(amount)):
        digits = read_digits(amount, classify, perhaps_one=number is None)
    else:
        digits = one_digit(amount, black).read(classify)
    return Reading([*steps, *form_steps(black)], digits)


class OneDigit(NamedTuple):
    """A picture that is one digit, before anybody has said which: once for all that are asked, or for one that learns.

    views: (views, 28, 28), of the first of VIEWS; none where nothing is to be seen. box: as in `DigitRead`.
    """

    views: NDArray[np.float32]
    box: tuple[float, float, float, float]

    def read(self, classify: Classify) -> list[DigitRead]:
        """What it is taken for, if there is anything."""
        if not len(self.views):
            return []
        return [DigitRead(seen_in_all(self.views[np.newaxis], classify)[0], self.box, self.views[0])]


def one_digit(amount: Array, black: NDArray[np.bool_], count: int = len(VIEWS)) -> OneDigit:
    """Of the last of the `ink_steps`, and the same in black and white.

    count: in how many views it is seen; one is a glance, for a quarter of the time. Raises ValueError where there is no
    ink.
    """
    rows, columns = bounds(amount > EDGE)
    height, width = amount.shape
    box = (columns.start / width, rows.start / height, columns.stop / width, rows.stop / height)
    return OneDigit(views_of(amount, black, VIEWS[:count]), box)


def drawn_digit(ink: Array, count: int = len(VIEWS)) -> OneDigit:
    """The same of amounts of ink as they were drawn, 0..1; without views where there are none."""
    last = ink_steps(ink, drawn=True)[-1]
    if last.name != INK:
        return OneDigit(np.zeros((0, SIDE, SIDE), np.float32), (0.0, 0.0, 0.0, 0.0))
    return one_digit(last.picture, evened(last.picture), count)


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
