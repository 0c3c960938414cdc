"""A judge of pieces: a small network that sees a piece in its place in the line, and says which digit it is, or none.

A fragment of a 4 or a 0 looks like a 1 by itself; beside the rest of its digit it does not. The judge has learned from
what the reader itself cuts out of strips of MNIST's training digits, whole digits and pieces of none, and knows
nothing of the network that is asked: `python -m benchmarks piece_judge` makes it. (Matan, Burges, LeCun and Denker
1992, "Multi-digit recognition using a space displacement neural network", and LeCun, Bottou, Bengio and Haffner 1998,
Proceedings of the IEEE 86, section V, teach a recognizer to reject what is badly cut.)
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.pieces import Piece
from engine.predictor import Predictor, load_predictor

JUDGE = Path(__file__).with_name("piece_judge.safetensors")
"""The network: pictures of `windows` to the classes 0 to 9 and `NONE`."""

NONE = 10
"""The class of what is not one whole digit."""

FINER = 2
"""Rows and columns of the line for one of a window."""

WIDTH = 80
"""Columns of the line that are seen, with the piece in their middle: its neighbours, too."""


def judged(line: Array, pieces: Sequence[Piece]) -> Array:
    """What speaks for each piece of a line being each digit, and last for none: probabilities (pieces, 11)."""
    return _judge().probabilities(windows(line, pieces))


def windows(line: Array, pieces: Sequence[Piece]) -> NDArray[np.float32]:
    """Each piece as the judge sees it, its own ink and the ink beside it: (pieces, 2, 24, 40) of a line of 48 rows."""
    height = len(line)
    wide = np.pad(line, ((0, 0), (WIDTH, WIDTH)))
    found = np.zeros((len(pieces), 2, height, WIDTH), np.float32)
    for (own, beside), piece in zip(found, pieces, strict=True):
        rows, columns = piece.place
        left = (columns.start + columns.stop) // 2 - WIDTH // 2
        # A piece without a cut in it may be broader than what is seen.
        first, last = max(columns.start, left), min(columns.stop, left + WIDTH)
        own[rows, first - left : last - left] = piece.amount[:, first - columns.start : last - columns.start]
        beside[:] = wide[:, left + WIDTH : left + 2 * WIDTH] - own
    parts = (len(pieces), 2, height // FINER, FINER, WIDTH // FINER, FINER)
    seen: NDArray[np.float32] = found.reshape(parts).mean(axis=(3, 5))
    return seen


@cache
def _judge() -> Predictor:
    return load_predictor(JUDGE)
