"""Strips: digits of a data set side by side as somebody writes a number, in other sizes, leaning, touching or apart."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.parts import bounds

DIGITS = 7
"""Of a number."""

CLOSEST, FARTHEST = -2, 8
"""Pixels between the ink of two neighbours, each pair its own; below 0 their boxes overlap."""

SMALLEST, LARGEST = 0.8, 1.2
"""Factors on the height of each digit."""

LEAN = 0.25
"""Largest slope of the upright, one for a strip: 14 degrees to either side, on top of the writers' own."""

OFF_LINE = 2
"""Pixels that a digit may stand above or below the middle of the line."""

MARGIN, HEIGHT = 8, 48

NOBODY = -1

INK = 0.1
"""Amount from which on a pixel is a digit's."""


class Strip(NamedTuple):
    """A picture (48, width), 0..1, white on black, what is written on it, and which samples.

    owners: (48, width), of which digit the ink of each pixel is, counted from the left; NOBODY where there is none.
    """

    picture: NDArray[np.float32]
    text: str
    samples: NDArray[np.int64]
    owners: NDArray[np.int8]


def make_strip(pictures: Array, labels: Array, random: np.random.Generator) -> Strip:
    """Seven samples at random, (28, 28) each in 0..1."""
    samples = random.integers(0, len(labels), DIGITS)
    lean = random.uniform(-LEAN, LEAN)
    digits = [_varied(pictures[sample], random.uniform(SMALLEST, LARGEST), lean) for sample in samples]
    picture = np.zeros((HEIGHT, 2 * MARGIN + sum(digit.shape[1] + FARTHEST for digit in digits)), np.float32)
    owners = np.full(picture.shape, NOBODY, np.int8)
    left = MARGIN
    for number, digit in enumerate(digits):
        height, width = digit.shape
        top = (HEIGHT - height) // 2 + int(random.integers(-OFF_LINE, OFF_LINE + 1))
        there = slice(top, top + height), slice(left, left + width)
        owners[there][(digit > picture[there]) & (digit > INK)] = number
        np.maximum(picture[there], digit, out=picture[there])
        right = left + width
        left = right + int(random.integers(CLOSEST, FARTHEST + 1))
    text = "".join(str(int(labels[sample])) for sample in samples)
    return Strip(picture[:, : right + MARGIN], text, samples, owners[:, : right + MARGIN])


def _varied(picture: Array, factor: float, lean: float) -> NDArray[np.float32]:
    """A digit in another size and leaning, without its margins."""
    from PIL import Image

    side = round(len(picture) * factor)
    image = Image.fromarray(np.ascontiguousarray(picture, np.float32)).resize((side, side), Image.Resampling.BICUBIC)
    wide = Image.new("F", (2 * side, side))
    wide.paste(image, (side // 2, 0))
    # Pillow asks where each pixel comes from: x + lean (y - middle).
    way = (1, lean, -lean * (side - 1) / 2, 0, 1, 0)
    leaning = np.asarray(wide.transform(wide.size, Image.Transform.AFFINE, way, Image.Resampling.BICUBIC)).clip(0, 1)
    ink: NDArray[np.float32] = leaning[bounds(leaning > INK)]
    return ink
