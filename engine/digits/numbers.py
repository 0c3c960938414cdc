"""Numbers: a line of digits is cut where it may be cut, and read as its parts are read best together.

Heuristic over-segmentation: more cuts than needed, a graph of all pieces between two of them, each read by the network,
and the best path through the graph (LeCun, Bottou, Bengio and Haffner 1998, Proceedings of the IEEE 86, section V).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.form import EDGE, boxed, centred, stroke_width
from engine.digits.parts import bounds, without_specks
from engine.digits.preparation import around
from engine.digits.resize import resized
from engine.digits.seams import find_seams

LINE = 48
"""Height of the line in which cuts are looked for, in pixels."""

SPECK = 0.02
"""Parts with a smaller share of the largest one's pixels are no ink of any digit."""

WIDEST = 2.0
"""Width of a digit, in heights of the line: MNIST has none that is wider than twice its height."""

FREE = 0.1
"""Ink, in widths of a stroke, below which a cut crosses none."""

THICKEST = 4.0
"""Ink that a cut may cross, in widths of a stroke."""

SMALLEST = 0.45
"""Longer side of a digit, in heights of the line, below which it is rather a piece of one."""

Classify = Callable[[Array], Array]
"""Pictures in MNIST's form, (count, 28, 28), to probabilities, (count, 10)."""


class Weights(NamedTuple):
    """What speaks against a piece beside the network's doubt, -log p; chosen on strips of MNIST's validation digits."""

    ink: float = 1.0
    """For each width of a stroke that a cut crosses."""
    gap: float = 2.0
    """For each cut through no ink that was not made."""
    small: float = 10.0
    """For each height of the line that a piece is smaller than `SMALLEST`."""
    least: float = 1e-4
    """No class is thought less likely than that."""


class DigitRead(NamedTuple):
    """One digit of a number.

    `box` is left, top, right, bottom, in shares of the picture's width and height; `picture` is in MNIST's form.
    """

    probabilities: NDArray[np.float64]
    box: tuple[float, float, float, float]
    picture: NDArray[np.float32]

    @property
    def label(self) -> int:
        """The class that it is taken for."""
        return int(self.probabilities.argmax())


class _Piece(NamedTuple):
    """What lies between two cuts, `first` and `last`."""

    first: int
    last: int
    penalty: float
    place: tuple[slice, slice]
    picture: NDArray[np.float32]


def read_digits(amount: Array, classify: Classify, weights: Weights = Weights()) -> list[DigitRead]:  # noqa: B008
    """The digits of one line, left to right; none where there is no ink.

    amount: (height, width), 0 paper to 1 ink.
    """
    mask = amount > EDGE
    if not mask.any():
        return []
    kept = amount * around(without_specks(mask, SPECK), mask)
    rows, columns = bounds(kept > EDGE)
    there = kept[rows, columns]
    factor = LINE / there.shape[0]
    line = resized(there, LINE, max(1, round(there.shape[1] * factor))).clip(0, 1)
    pieces = _pieces(line, weights)
    found = classify(np.stack([piece.picture for piece in pieces])).astype(np.float64)
    costs = [
        piece.penalty - float(np.log(max(probabilities.max(), weights.least)))
        for piece, probabilities in zip(pieces, found, strict=True)
    ]
    height, width = amount.shape
    read = []
    for number in _cheapest_way(pieces, costs):
        down, along = pieces[number].place
        box = (
            (columns.start + along.start / factor) / width,
            (rows.start + down.start / factor) / height,
            (columns.start + along.stop / factor) / width,
            (rows.start + down.stop / factor) / height,
        )
        read.append(DigitRead(found[number], box, pieces[number].picture))
    return read


def _pieces(line: Array, weights: Weights) -> list[_Piece]:
    """All that may be a digit: what lies between two cuts, if it is neither empty nor far too wide."""
    height, width = line.shape
    stroke = max(1.0, stroke_width(line > EDGE))
    seams = find_seams(line, most_ink=THICKEST * stroke, apart=height // 12)
    edges = [np.zeros(height, np.int64), *(seam.columns for seam in seams), np.full(height, width)]
    inks = [0.0, *(seam.ink / stroke for seam in seams), 0.0]
    across = np.arange(width)
    pieces = []
    for first in range(len(edges) - 1):
        for last in range(first + 1, len(edges)):
            inside = (across >= edges[first][:, np.newaxis]) & (across < edges[last][:, np.newaxis])
            amount = line * inside
            if not (amount > EDGE).any():
                continue
            place = bounds(amount > EDGE)
            size = max(place[0].stop - place[0].start, place[1].stop - place[1].start) / height
            wide = (place[1].stop - place[1].start) / height
            if wide > WIDEST and last > first + 1:
                break
            penalty = weights.ink * (inks[first] + inks[last]) / 2
            penalty += weights.gap * sum(ink < FREE for ink in inks[first + 1 : last])
            penalty += weights.small * max(0.0, SMALLEST - size)
            pieces.append(_Piece(first, last, penalty, place, centred(boxed(amount))))
    return pieces


def _cheapest_way(pieces: list[_Piece], costs: list[float]) -> list[int]:
    """The pieces, by number, that lead from the first cut to the last and cost least together."""
    end = max(piece.last for piece in pieces)
    least = [0.0] + [float("inf")] * end
    arrived: list[int | None] = [None] * (end + 1)
    for number, piece in sorted(enumerate(pieces), key=lambda item: item[1].first):
        cost = least[piece.first] + costs[number]
        if cost < least[piece.last]:
            least[piece.last], arrived[piece.last] = cost, number
    way: list[int] = []
    place = end
    while (chosen := arrived[place]) is not None:
        way.append(chosen)
        place = pieces[chosen].first
    return way[::-1]
