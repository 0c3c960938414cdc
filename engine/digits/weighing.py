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

CERTAINTY = 1.15
"""Weight of the network's log p."""

WEIGHTS = np.array([-7.83, -1.24, -1.23, -0.96, -3.68, -1.21, -5.31, -8.07, -1.62, -0.94, -4.32, 2.49])
"""Of the features."""

SHAPE_WEIGHTS = np.array(
    [
        [-1.10, 4.72, -0.37, -0.12, 1.33, 2.47],
        [-2.05, 2.70, -0.71, 0.49, -1.13, 1.27],
        [-0.21, 1.68, 0.17, -0.38, 1.44, 0.64],
        [0.83, -0.23, 0.91, 0.20, 1.46, 0.29],
        [2.34, -0.40, 0.84, -1.15, -0.51, -0.90],
        [0.48, 1.21, 0.63, 0.32, 0.94, 0.40],
        [-0.64, 3.58, -0.64, -1.74, 1.09, 1.64],
        [-0.01, -0.11, 0.32, 0.69, 0.21, 0.83],
        [1.44, 0.93, 0.06, -1.92, -0.22, -0.46],
        [1.41, 0.79, -0.34, -1.10, -1.27, -0.38],
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
