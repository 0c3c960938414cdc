"""Numbers: a line of digits is cut where it may be cut, and read as its parts are read best together.

Heuristic over-segmentation: more cuts than needed, a graph of all pieces between two of them, each read by the network,
and the best path through the graph (LeCun, Bottou, Bengio and Haffner 1998, Proceedings of the IEEE 86, section V).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.answers import Classify
from engine.digits.form import EDGE, boxed, centred, stroke_width
from engine.digits.parts import bounds, without_specks
from engine.digits.preparation import around
from engine.digits.resize import resized
from engine.digits.seams import Seam, find_seams
from engine.digits.views import seen_in_all, views
from engine.errors import UserError

LINE = 48
"""Height of the line in which cuts are looked for, in pixels."""

LONGEST = 24
"""Width of a line, in its heights: some forty digits."""

MOST_PIECES = 1000
"""That are looked at: a number of forty digits has half as many, noise has no end of them."""

SPECK = 0.02
"""Parts with a smaller share of the largest one's pixels are no ink of any digit."""

SCRAP = 0.05
"""The same for the parts of a piece between two cuts."""

WIDEST = 2.0
"""Width of a digit, in heights of the line: MNIST has none that is wider than twice its height."""

FREE = 0.1
"""Ink, in widths of a stroke, below which a cut crosses none."""

THICKEST = 4.0
"""Ink that a cut may cross, in widths of a stroke."""

SMALLEST, BROAD = 0.5, 0.6
"""Longer side and width of a digit, in heights of the line, below and above which it is rather a piece, or two."""

WHOLE = 0.85
"""Strength of a whole, as a share of its strongest piece's, from which on it may be one digit."""

SUREST = 0.9
"""Share of a line's pieces that are weaker than the strength which counts as that of a digit."""


class Weights(NamedTuple):
    """What speaks against a piece beside the network's doubt, -log p.

    A strength is compared with that of the line's surest pieces, the tenth part of them; sizes are in heights of the
    line. Chosen on strips of MNIST's validation digits (benchmarks/strip_pictures.py).
    """

    weak: float = 1.0
    """For a strength of 0; less for more."""
    weakest: float = 3.3
    """As much again, for what a strength is below half."""
    ink: float = 0.6
    """For each width of a stroke that a cut crosses."""
    gap: float = 2.5
    """For each cut through no ink that was not made."""
    small: float = 6.5
    """For what the longer side is below `SMALLEST`."""
    wide: float = 4.0
    """For what the width is above `BROAD`."""
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
    amount: NDArray[np.float32]
    picture: NDArray[np.float32]


def read_digits(
    amount: Array,
    classify: Classify,
    weights: Weights = Weights(),  # noqa: B008
    *,
    perhaps_one: bool = False,
) -> list[DigitRead]:
    """The digits of one line, left to right; none where there is no ink.

    amount: (height, width), 0 paper to 1 ink. perhaps_one: if the whole is about as strong a digit as any piece of it,
    it is one. Raises UserError for a line that is too long.
    """
    mask = amount > EDGE
    if not mask.any():
        return []
    kept = amount * around(without_specks(mask, SPECK), mask)
    rows, columns = bounds(kept > EDGE)
    there = kept[rows, columns]
    if there.shape[1] > LONGEST * there.shape[0]:
        share = there.shape[1] / there.shape[0]
        raise UserError(f"shows a line {share:,.0f} times as broad as high; expected a number, at most {LONGEST} times")
    factor = LINE / there.shape[0]
    line = resized(there, LINE, max(1, round(there.shape[1] * factor))).clip(0, 1)
    pieces = _pieces(line, weights)
    if not pieces:
        return []
    answers = classify(np.stack([piece.picture for piece in pieces]))
    found = answers.probabilities.astype(np.float64)
    strengths = answers.strengths / max(float(np.quantile(answers.strengths, SUREST)), 1e-9)
    costs = np.array([piece.penalty for piece in pieces]) - np.log(found.max(axis=1).clip(weights.least))
    costs += weights.weak * (1 - strengths).clip(0) + weights.weakest * (0.5 - strengths).clip(0)
    height, width = amount.shape
    way = _cheapest_way(pieces, costs)
    end = max(piece.last for piece in pieces)
    whole = [n for n, piece in enumerate(pieces) if (piece.first, piece.last) == (0, end)]
    if perhaps_one and whole and answers.strengths[whole[0]] >= WHOLE * answers.strengths.max():
        way = whole
    if not way:
        return []
    seen = seen_in_all(np.stack([views(pieces[number].amount) for number in way]), classify)
    read = []
    for number, probabilities in zip(way, seen, strict=True):
        down, along = pieces[number].place
        box = (
            (columns.start + along.start / factor) / width,
            (rows.start + down.start / factor) / height,
            (columns.start + along.stop / factor) / width,
            (rows.start + down.stop / factor) / height,
        )
        read.append(DigitRead(probabilities, box, pieces[number].picture))
    return read


def _pieces(line: Array, weights: Weights) -> list[_Piece]:
    """All that may be a digit: what lies between two cuts, if it is neither empty nor far too wide."""
    height, width = line.shape
    stroke = max(1.0, stroke_width(line > EDGE))
    edges, inks = [np.zeros(height, np.int64)], [0.0]
    for seam in _fewer(find_seams(line, most_ink=THICKEST * stroke, apart=height // 12), WIDEST * height):
        if (_between(line, edges[-1], seam.columns) > EDGE).any():
            edges.append(seam.columns)
            inks.append(seam.ink / stroke)
    edges.append(np.full(height, width))
    inks.append(0.0)
    if len(edges) > 2 and not (_between(line, edges[-2], edges[-1]) > EDGE).any():
        del edges[-2], inks[-2]
    pieces = []
    for first in range(len(edges) - 1):
        for last in range(first + 1, len(edges)):
            amount = _between(line, edges[first], edges[last])
            ink = amount > EDGE
            if not ink.any():
                continue
            # What a cut left of a neighbour would make the piece look smaller in its box.
            kept = without_specks(ink, SCRAP)
            amount = amount * around(kept, ink)
            place = bounds(kept)
            size = max(place[0].stop - place[0].start, place[1].stop - place[1].start) / height
            wide = (place[1].stop - place[1].start) / height
            if wide > WIDEST and last > first + 1:
                break
            penalty = weights.ink * (inks[first] + inks[last]) / 2
            penalty += weights.gap * sum(crossed < FREE for crossed in inks[first + 1 : last])
            penalty += weights.small * max(0.0, SMALLEST - size) + weights.wide * max(0.0, wide - BROAD)
            pieces.append(_Piece(first, last, penalty, place, amount[place], centred(boxed(amount))))
    return pieces


def _fewer(seams: list[Seam], widest: float) -> list[Seam]:
    """The seams without those through the most ink, where there would be too many pieces between two of them."""
    columns = np.array([seam.columns.mean() for seam in seams])
    by_ink = np.argsort([seam.ink for seam in seams], kind="stable")
    fewest, most = 0, len(seams)
    while fewest < most:
        kept = (fewest + most + 1) // 2
        places = np.sort(columns[by_ink[:kept]])
        pieces = int((np.searchsorted(places, places + widest) - np.arange(kept)).sum())
        fewest, most = (kept, most) if pieces <= MOST_PIECES else (fewest, kept - 1)
    return [seams[number] for number in np.sort(by_ink[:fewest])]


def _between(line: Array, left: Array, right: Array) -> Array:
    """The line between two ways through it, and nothing elsewhere."""
    across = np.arange(line.shape[1])
    kept: Array = line * ((across >= left[:, np.newaxis]) & (across < right[:, np.newaxis]))
    return kept


def _cheapest_way(pieces: list[_Piece], costs: Array) -> list[int]:
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
