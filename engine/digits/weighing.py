"""What speaks for a piece of a line being one whole digit, and for each class.

A score is linear in measures of the piece and in the network's log p, and the score of a way through the line is the
sum over its pieces, so that ways are a conditional random field over segments (Sarawagi and Cohen 2004, "Semi-Markov
conditional random fields for information extraction"). The weights make what is written on strips of training digits
likely among all readings of their pieces: `python -m benchmarks strip_weights`.
"""

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.answers import Answers
from engine.digits.pieces import Measures, Piece

SUREST = 0.9
"""Share of a line's pieces that are weaker than the strength which counts as that of a digit."""

LEAST = 1e-4
"""Added to each probability: no class is ruled out by the network alone."""

LOW, NARROW, BROAD, SCANT = 0.7, 0.5, 0.6, 0.6
"""Height, longer side, width and ink of a digit that is like most: what is beyond them is measured."""

HALF = 0.5
"""Strength below which a piece is weak indeed, as a share of that of the line's surest."""

FEATURES = ("weak", "weakest", "ink", "gaps", "thin", "small", "wide", "low", "second", "scant", "middle", "piece")
"""Of each piece, in the order of their weights; `piece` is 1 for each."""

SHAPES = ("bias", "height", "width", "width^2", "log width", "height width")
"""Of each piece, with weights for each class."""

CERTAINTY = 1.10
"""Weight of the network's log p."""

WEIGHTS = np.array([-7.71, -0.67, -1.04, -0.53, -2.11, -1.34, -4.12, -10.25, -3.71, -1.99, -4.98, 1.75])
"""Of the features."""

SHAPE_WEIGHTS = np.array(
    [
        [-0.14, 3.52, -0.15, -1.33, 1.24, 1.43],
        [-1.82, 3.71, -1.14, -0.18, -1.01, 0.88],
        [0.85, -0.05, 0.45, 0.02, -0.20, -0.21],
        [0.43, 0.40, 0.02, -0.78, 0.18, 0.11],
        [0.84, 0.60, -0.14, -0.93, -0.87, -0.04],
        [0.05, 1.20, 0.08, -0.50, 0.33, 0.63],
        [-0.87, 2.64, -0.39, -0.32, -0.61, 0.49],
        [0.72, 1.04, 0.48, -0.70, 0.85, 0.19],
        [1.70, 0.47, 0.29, -1.27, -0.76, -0.76],
        [-0.01, 1.07, -0.10, 0.07, -0.44, 0.62],
    ]
)
"""Of the shapes: a row for each class."""


def scores(pieces: list[Piece], answers: Answers) -> NDArray[np.float64]:
    """What speaks for each piece being one digit of each class: (pieces, 10)."""
    measured = np.array([piece.measures for piece in pieces], np.float64).T
    found: NDArray[np.float64] = CERTAINTY * certainty(answers.probabilities)
    found += (features(measured, answers.strengths) @ WEIGHTS)[:, np.newaxis] + shapes(measured) @ SHAPE_WEIGHTS.T
    return found


def certainty(probabilities: Array) -> NDArray[np.float64]:
    """log(p + LEAST)."""
    logarithms: NDArray[np.float64] = np.log(probabilities.astype(np.float64) + LEAST)
    return logarithms


def features(measured: Array, strengths: Array) -> NDArray[np.float64]:
    """Columns as in FEATURES, for measures (8, pieces) and the network's largest outputs."""
    piece = dict(zip(Measures._fields, measured, strict=True))
    strength = strengths / max(float(np.quantile(strengths, SUREST)), 1e-9)
    return np.stack(
        [
            (1 - strength).clip(0),
            (HALF - strength).clip(0),
            piece["ink"],
            piece["gaps"],
            piece["thin"],
            (NARROW - np.maximum(piece["height"], piece["width"])).clip(0),
            (piece["width"] - BROAD).clip(0),
            (LOW - piece["height"]).clip(0),
            piece["second"],
            (SCANT - piece["area"]).clip(0),
            piece["middle"],
            np.ones(measured.shape[1]),
        ],
        axis=1,
    )


def shapes(measured: Array) -> NDArray[np.float64]:
    """Columns as in SHAPES."""
    height, width = measured[:2]
    return np.stack([np.ones_like(width), height, width, width**2, np.log(width), height * width], axis=1)
