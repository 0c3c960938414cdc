"""What in a picture speaks for a class.

Both are functions of the network as it is: they write no gradient and no weight that a step would read.
x: one sample as the network takes it, (1, channels, height, width).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from engine.arrays import Array
from engine.model import Sequential
from engine.training.learner import EVALUATED, Learner

SQUARE = 7
"""The covering square's part of the picture's longer side: 4 of 28 pixels."""


def gradient_map(learner: Learner, x: Array, shown_class: int) -> Array:
    """d output of the class / d pixel: (height, width), of several channels that of the largest magnitude.

    Simonyan, Vedaldi and Zisserman 2014, "Deep inside convolutional networks", arXiv 1312.6034, section 3; with its
    sign. With one output for two classes, that of class 0 is its negative.
    """
    model = learner.model
    with _input_gradients(model):
        outputs, backward = model.forward(x, training=False)
        dy = np.zeros_like(outputs)
        if outputs.shape[1] > 1:
            dy[0, shown_class] = 1
        else:
            dy[0, 0] = 1 if shown_class else -1
        dx = backward(dy)
    assert dx is not None
    by_pixel = dx[0] / np.float32(learner.dataset.input_std)
    strongest = np.abs(by_pixel).argmax(axis=0)
    found: Array = np.take_along_axis(by_pixel, strongest[np.newaxis], axis=0)[0]
    return found


def occlusion_map(learner: Learner, x: Array, shown_class: int, probability: float) -> Array:
    """How much the probability of the class falls where a square is covered: (height, width), about -1 to 1.

    probability: that of x uncovered.

    Of a pixel the mean over the squares that cover it, which lie half a side apart. They are covered with the grey that
    is commonest at the picture's border, so that no edges are made up (Zeiler and Fergus 2014, "Visualizing and
    understanding convolutional networks", section 4.2, who cover with the mean grey).
    """
    places = _squares(*x.shape[2:])
    covered = np.repeat(x, len(places), axis=0)
    paper = np.median(np.concatenate([x[0, :, 0], x[0, :, -1], x[0, :, :, 0], x[0, :, :, -1]], axis=1), axis=1)
    for picture, (rows, columns) in zip(covered, places, strict=True):
        picture[:, rows, columns] = paper[:, np.newaxis, np.newaxis]
    falls = probability - learner.predict(covered)[1][:, shown_class]
    total, count = np.zeros(x.shape[2:]), np.zeros(x.shape[2:])
    for fall, (rows, columns) in zip(falls, places, strict=True):
        total[rows, columns] += fall
        count[rows, columns] += 1
    return total / count


def _squares(height: int, width: int) -> list[tuple[slice, slice]]:
    """Where a square is laid, cut off at the border; every pixel is covered, and EVALUATED of them are not exceeded."""
    side = max(2, -(-max(height, width) // SQUARE))
    step = (side + 1) // 2
    rows, columns = (range(step - side, length, step) for length in (height, width))
    places = [(_cut(row, side), _cut(column, side)) for row in rows for column in columns]
    assert len(places) <= EVALUATED
    return places


def _cut(start: int, length: int) -> slice:
    return slice(max(start, 0), start + length)


@contextmanager
def _input_gradients(model: Sequential) -> Iterator[None]:
    """Inside, the first layers form the gradient of their input; afterwards all gradients are as they were."""
    spared = [leaf.layer for leaf in model.leaves if not leaf.layer.needs_input_gradient]
    gradients = model.gradients.copy()
    for layer in spared:
        layer.needs_input_gradient = True
    try:
        yield
    finally:
        for layer in spared:
            layer.needs_input_gradient = False
        model.gradients[...] = gradients
