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


class Strip(NamedTuple):
    """A picture (48, width), 0..1, white on black, what is written on it, and which samples."""

    picture: NDArray[np.float32]
    text: str
    samples: NDArray[np.int64]


def make_strip(pictures: Array, labels: Array, random: np.random.Generator) -> Strip:
    """Seven samples at random, (28, 28) each in 0..1."""
    samples = random.integers(0, len(labels), DIGITS)
    lean = random.uniform(-LEAN, LEAN)
    digits = [_varied(pictures[sample], random.uniform(SMALLEST, LARGEST), lean) for sample in samples]
    picture = np.zeros((HEIGHT, 2 * MARGIN + sum(digit.shape[1] + FARTHEST for digit in digits)), np.float32)
    left = MARGIN
    for digit in digits:
        height, width = digit.shape
        top = (HEIGHT - height) // 2 + int(random.integers(-OFF_LINE, OFF_LINE + 1))
        place = picture[top : top + height, left : left + width]
        np.maximum(place, digit, out=place)
        right = left + width
        left = right + int(random.integers(CLOSEST, FARTHEST + 1))
    return Strip(picture[:, : right + MARGIN], "".join(str(int(labels[sample])) for sample in samples), samples)


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
    ink: NDArray[np.float32] = leaning[bounds(leaning > 0.1)]
    return ink
