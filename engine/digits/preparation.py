"""From what was drawn or photographed to MNIST's form, with each step to be seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.form import EDGE, centred, evened, in_box
from engine.digits.ink import find_ink
from engine.digits.parts import without_specks

INK = "ink"

SPECK = 0.04
"""Parts with a smaller share of the largest one's pixels are none of the digit's."""


class Step(NamedTuple):
    """What a picture was after a step: (height, width), 0..1."""

    name: str
    picture: NDArray[np.float32]


def prepare(grey: Array, *, drawn: bool = False) -> list[Step]:
    """The steps to MNIST's form, the last of which is (28, 28), white on black; fewer where there is nothing to see.

    grey: (height, width), 0..1. drawn: it is the amount of ink itself, so there is no background to be found.
    """
    steps = ink_steps(grey, drawn=drawn)
    return [*steps, *form_steps(evened(steps[-1].picture))] if steps[-1].name == INK else steps


def ink_steps(grey: Array, *, drawn: bool = False) -> list[Step]:
    """Those up to the amount of ink, called INK; fewer where there is nothing to see."""
    grey = np.asarray(grey, np.float32)
    steps = [Step("as grey", grey)]
    if not drawn:
        ink = find_ink(grey)
        if ink is None:
            return steps
        steps.append(Step("background evened", ink.evened))
        grey = ink.amount
    if not (grey > EDGE).any():
        return steps
    kept = grey * around(without_specks(grey > EDGE, SPECK), grey > EDGE)
    return [*steps, Step(INK, kept)]


def form_steps(black: NDArray[np.bool_]) -> list[Step]:
    """Those from the digit in black and white on."""
    box = in_box(black)
    return [Step("box", box), Step("centred", centred(box))]


def around(kept: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The parts that are kept and all that is no part: their soft edges."""
    return kept | ~mask
