"""One digit seen in several ways: turned, leaning, with strokes of another width, and as grey as it is.

What all of them speak for is right more often than what one does: where a network is wrong and sure in one view, it is
rarely as sure of the same mistake in the others. So their probabilities are multiplied. (Krizhevsky, Sutskever and
Hinton 2012, section 4.1, average over ten views.)
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.answers import Classify
from engine.digits.form import EDGE, centred, evened, in_box, scaled, with_strokes

LEAST = 1e-4
"""A probability counts as no less: one view alone rules nothing out."""


class View(NamedTuple):
    """Turned clockwise by so many degrees, then leaning to the right by that slope; strokes of a width.

    grey: none of that, nor black and white: only scaled. weight: as many times its logarithms count.
    """

    degrees: float = 0.0
    lean: float = 0.0
    width: float | None = None
    grey: bool = False
    weight: int = 1


VIEWS = (
    View(),
    View(degrees=-8.6),
    View(degrees=8.6, width=1.7),
    View(lean=0.25),
    View(lean=0.25, width=1.7),
    View(grey=True, weight=2),
)
"""Chosen on the first 900 of scikit-learn's digits and on validation digits of MNIST, over five networks
(docs/digits.md).
"""


def views(amount: Array) -> NDArray[np.float32]:
    """A digit's amounts of ink, 0..1, as pictures in MNIST's form: (len(VIEWS), 28, 28), the plain one first.

    Raises ValueError where there is no ink.
    """
    return views_of(amount, evened(amount))


def views_of(amount: Array, black: NDArray[np.bool_], chosen: Sequence[View] = VIEWS) -> NDArray[np.float32]:
    """The same, where the digit in black and white is at hand."""
    changed: dict[tuple[float, float], NDArray[np.bool_]] = {(0.0, 0.0): black}
    pictures = []
    for view in chosen:
        way = view.degrees, view.lean
        if way not in changed:
            changed[way] = _changed(black, view)
        pictures.append(centred(scaled(amount) if view.grey else in_box(_of_width(changed[way], view.width))))
    return np.stack(pictures)


def seen_in_all(pictures: Array, classify: Classify) -> NDArray[np.float64]:
    """What speaks for each class in the first views together, as many as there are of each digit.

    (digits, views, 28, 28) → (digits, classes)
    """
    count, views = pictures.shape[:2]
    found = classify(pictures.reshape(count * views, *pictures.shape[2:])).probabilities.astype(np.float64)
    logarithms = np.log(found.clip(LEAST)).reshape(count, views, -1)
    product: NDArray[np.float64] = np.exp(
        np.average(logarithms, axis=1, weights=[view.weight for view in VIEWS[:views]])
    )
    product /= product.sum(axis=1, keepdims=True)
    return product


def _of_width(black: NDArray[np.bool_], width: float | None) -> NDArray[np.bool_]:
    return black if width is None else with_strokes(black, width, width)


def _changed(black: NDArray[np.bool_], view: View) -> NDArray[np.bool_]:
    from PIL import Image

    height, width = black.shape
    cos, sin = math.cos(math.radians(view.degrees)), math.sin(math.radians(view.degrees))
    # Pillow asks where each pixel comes from: unlean, then turn back.
    a, b = cos, cos * view.lean + sin
    d, e = -sin, -sin * view.lean + cos
    # A square that nothing leaves, less what is free of it on two sides alike.
    side = math.ceil(math.hypot(height, width) * (1 + view.lean))
    free = side - (abs(e) * width + abs(b) * height), side - (abs(d) * width + abs(a) * height)
    columns, rows = (side - 2 * int(part / 2) for part in free)
    x, y = (width - a * columns - b * rows) / 2, (height - d * columns - e * rows) / 2
    image = Image.fromarray(black.astype(np.uint8) * 255)
    changed = image.transform((columns, rows), Image.Transform.AFFINE, (a, b, x, d, e, y), Image.Resampling.BILINEAR)
    return np.asarray(changed) > EDGE * 255
