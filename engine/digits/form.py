"""MNIST's form: a digit fitted into 20 x 20 pixels, its centre of mass in the middle of 28 x 28.

"The original black and white (bilevel) images from NIST were size normalized to fit in a 20x20 pixel box while
preserving their aspect ratio. The resulting images contain grey levels as a result of the anti-aliasing technique used
by the normalization algorithm. The images were centered in a 28x28 image by computing the center of mass of the pixels,
and translating the image so as to position this point at the center of the 28x28 field" (LeCun, Cortes and Burges, The
MNIST database). In its files that point is pixel (14, 14), counted from 0.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.parts import bounds
from engine.digits.resize import resized

SIDE, BOX, MIDDLE = 28, 20, 14

FINE = 5
"""Pixels of the black and white picture for each of the box, along a side."""

EDGE = 0.5
"""Amount of ink from which on a pixel is black."""

THIN, THICK = 1.35, 3.0
"""Widths of a stroke in pixels of the box, as `stroke_width` measures them: the 5th and the 95th of 100 in MNIST."""


def boxed(amount: Array) -> NDArray[np.float32]:
    """What is ink in a picture of amounts of it, 0..1, as grey levels in a box of 20 along the longer side.

    Strokes much thinner or thicker than MNIST's become as thick as its thinnest, as thin as its thickest. Raises
    ValueError where there is no ink.
    """
    return in_box(evened(amount))


def evened(amount: Array) -> NDArray[np.bool_]:
    """The black of `black_and_white` with strokes as thick as MNIST's."""
    return with_strokes(black_and_white(amount), THIN, THICK)


def with_strokes(black: NDArray[np.bool_], thinnest: float, thickest: float) -> NDArray[np.bool_]:
    """The black of `black_and_white` with strokes of a width between these, in pixels of the box."""
    width = stroke_width(black) / FINE
    if width < thinnest:
        return _thickened(black, FINE * (thinnest - width) / 2)
    if width > thickest:
        thinned = ~_thickened(~black, FINE * (width - thickest) / 2)
        return thinned if thinned.any() else black
    return black


def in_box(black: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Grey levels in a box of 20 along the longer side."""
    black = black[bounds(black)]
    return resized(black, *_fitted(black.shape, BOX), soft=True).clip(0, 1)


def scaled(amount: Array) -> NDArray[np.float32]:
    """Amounts of ink as grey levels in the box, whatever the width of their strokes; the darkest is ink throughout."""
    there = amount[bounds(amount > EDGE * amount.max())]
    box = resized(there, *_fitted(there.shape, BOX), soft=True).clip(0, 1)
    return (box / max(float(box.max()), 1e-6)).astype(np.float32)


def centred(box: Array) -> NDArray[np.float32]:
    """The box in 28 x 28 pixels, its centre of mass as near to the middle as whole pixels allow."""
    height, width = box.shape
    mass = max(float(box.sum()), 1e-12)
    row, column = box.sum(axis=1) @ np.arange(height) / mass, box.sum(axis=0) @ np.arange(width) / mass
    top = min(max(math.floor(MIDDLE - row + 0.5), 0), SIDE - height)
    left = min(max(math.floor(MIDDLE - column + 0.5), 0), SIDE - width)
    picture = np.zeros((SIDE, SIDE), np.float32)
    picture[top : top + height, left : left + width] = box
    return picture


def stroke_width(black: NDArray[np.bool_]) -> float:
    """2 area / perimeter: the width of a long line, in pixels. The perimeter counts sides of pixels."""
    padded = _padded(black, 1)
    perimeter = int(np.count_nonzero(padded[1:] != padded[:-1]) + np.count_nonzero(padded[:, 1:] != padded[:, :-1]))
    return 2 * int(np.count_nonzero(black)) / max(perimeter, 1)


def black_and_white(amount: Array) -> NDArray[np.bool_]:
    """Black and white, 100 along the longer side, with a margin; a hairline keeps its length."""
    there = amount[bounds(amount > EDGE * amount.max())]
    fine = resized(there, *_fitted(there.shape, BOX * FINE))
    # A line of less than a pixel is as grey as it is thin: black is what is half as dark as the darkest parts.
    grey = fine[fine > 0.02]
    place = int(0.9 * (len(grey) - 1))
    level = min(1.0, float(np.partition(grey, place)[place]))
    return _padded(fine > EDGE * level, 2 * FINE)


def _padded(black: NDArray[np.bool_], margin: int) -> NDArray[np.bool_]:
    """White all around: as np.pad does, which takes ten times as long for so small a picture."""
    height, width = black.shape
    padded = np.zeros((height + 2 * margin, width + 2 * margin), np.bool_)
    padded[margin : margin + height, margin : margin + width] = black
    return padded


def _fitted(shape: tuple[int, ...], longer: int) -> tuple[int, int]:
    factor = longer / max(shape)
    return max(1, round(shape[0] * factor)), max(1, round(shape[1] * factor))


def _thickened(black: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Black is all that is within the radius of black, to the nearest pixel."""
    radius += 0.5
    reach = int(radius)
    height, width = black.shape
    padded = _padded(black, reach)
    found = np.zeros_like(black)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if down * down + right * right <= radius * radius:
                found |= padded[reach + down : reach + down + height, reach + right : reach + right + width]
    return found
