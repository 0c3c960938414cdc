"""Numbers: a line of digits is cut where it may be cut, and read as its parts are read best together.

Heuristic over-segmentation: more cuts than needed, a graph of all pieces between two of them, each read by the network,
and the best path through the graph (LeCun, Bottou, Bengio and Haffner 1998, Proceedings of the IEEE 86, section V).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.answers import Classify
from engine.digits.form import EDGE
from engine.digits.judge import judged
from engine.digits.parts import bounds, without_specks
from engine.digits.pieces import Piece, find_pieces
from engine.digits.preparation import around
from engine.digits.resize import resized
from engine.digits.views import seen_in_all, views
from engine.digits.weighing import agreed, scores
from engine.errors import UserError

LINE = 48
"""Height of the line in which cuts are looked for, in pixels."""

LONGEST = 24
"""Width of a line, in its heights: some forty digits."""

SPECK = 0.02
"""Parts with a smaller share of the largest one's pixels are no ink of any digit."""

WHOLE = 0.85
"""Strength of a whole, as a share of its strongest piece's, from which on it may be one digit."""


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


class Line(NamedTuple):
    """What is written in a picture: 48 rows of it, and where these begin and what they were enlarged by."""

    picture: NDArray[np.float32]
    top: int
    left: int
    factor: float


def read_digits(amount: Array, classify: Classify, *, perhaps_one: bool = False) -> list[DigitRead]:
    """The digits of one line, left to right; none where there is no ink.

    amount: (height, width), 0 paper to 1 ink. perhaps_one: if the whole is about as strong a digit as any piece of it,
    it is one. Raises UserError for a line that is too long.
    """
    if not (amount > EDGE).any():
        return []
    line = find_line(amount)
    pieces = find_pieces(line.picture)
    if not pieces:
        return []
    answers = classify(np.stack([piece.picture for piece in pieces]))
    judgement = judged(line.picture, pieces)
    way = best_way([(piece.first, piece.last) for piece in pieces], scores(pieces, answers, judgement).max(axis=1))
    end = max(piece.last for piece in pieces)
    whole = [n for n, piece in enumerate(pieces) if (piece.first, piece.last) == (0, end)]
    if perhaps_one and whole and answers.strengths[whole[0]] >= WHOLE * answers.strengths.max():
        way = whole
    if not way:
        return []
    seen = seen_in_all(np.stack([views(pieces[number].amount) for number in way]), classify)
    seen = agreed(seen, judgement[way])
    return [
        DigitRead(probabilities, _box(pieces[number], line, amount), pieces[number].picture)
        for number, probabilities in zip(way, seen, strict=True)
    ]


def find_line(amount: Array) -> Line:
    """What is written, without specks. Raises UserError for a line that is too long."""
    mask = amount > EDGE
    kept = amount * around(without_specks(mask, SPECK), mask)
    rows, columns = bounds(kept > EDGE)
    there = kept[rows, columns]
    if there.shape[1] > LONGEST * there.shape[0]:
        share = there.shape[1] / there.shape[0]
        raise UserError(f"shows a line {share:,.0f} times as broad as high; expected a number, at most {LONGEST} times")
    factor = LINE / there.shape[0]
    line = resized(there, LINE, max(1, round(there.shape[1] * factor))).clip(0, 1)
    return Line(line, rows.start, columns.start, factor)


def best_way(sides: list[tuple[int, int]], scores: Array) -> list[int]:
    """The pieces, by number, that lead from cut 0 to the last one and score most together; none: none lead there."""
    end = max(last for _, last in sides)
    most = [0.0] + [-float("inf")] * end
    arrived: list[int | None] = [None] * (end + 1)
    for number, (first, last) in sorted(enumerate(sides), key=lambda item: item[1][0]):
        score = most[first] + scores[number]
        if score > most[last]:
            most[last], arrived[last] = score, number
    way: list[int] = []
    place = end
    while (chosen := arrived[place]) is not None:
        way.append(chosen)
        place = sides[chosen][0]
    return way[::-1]


def _box(piece: Piece, line: Line, amount: Array) -> tuple[float, float, float, float]:
    (rows, columns), (height, width) = piece.place, amount.shape
    return (
        (line.left + columns.start / line.factor) / width,
        (line.top + rows.start / line.factor) / height,
        (line.left + columns.stop / line.factor) / width,
        (line.top + rows.stop / line.factor) / height,
    )
