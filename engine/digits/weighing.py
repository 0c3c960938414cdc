"""What speaks for a piece of a line being one whole digit, and for each class.

A score is linear in measures of the piece, in the network's log p and in the judge's, and the score of a way through
the line is the sum over its pieces, so that ways are a conditional random field over segments (Sarawagi and Cohen 2004,
"Semi-Markov conditional random fields for information extraction"). The weights make what is written on strips of
training digits likely among all readings of their pieces: `python -m benchmarks strip_weights`.
"""

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.answers import Answers
from engine.digits.judge import NONE
from engine.digits.pieces import Measures, Piece

SUREST = 0.9
"""Share of a line's pieces that are weaker than the strength which counts as that of a digit."""

LEAST = 1e-4
"""Added to each probability: no class is ruled out by the network alone."""

LOW, NARROW, BROAD, SCANT = 0.7, 0.5, 0.6, 0.6
"""Height, longer side, width and ink of a digit that is like most: what is beyond them is measured."""

HALF = 0.5
"""Strength below which a piece is weak indeed, as a share of that of the line's surest."""

FEATURES = (
    "weak",
    "weakest",
    "ink",
    "gaps",
    "thin",
    "small",
    "wide",
    "low",
    "second",
    "scant",
    "middle",
    "piece",
    "none",
)
"""Of each piece, in the order of their weights; `piece` is 1 for each, `none` is log p of the judge that it is none."""

SHAPES = ("bias", "height", "width", "width^2", "log width", "height width")
"""Of each piece, with weights for each class."""

CERTAINTY = 0.69
"""Weight of the network's log p."""

JUDGEMENT = 0.36
"""Weight of the judge's."""

LAST_WORD = 0.5
"""Weight of the judge's log p beside the network's in all views."""

TINY = 1e-300

WEIGHTS = np.array([-3.54, -0.78, -0.46, -0.74, -1.27, -0.88, -1.53, -2.39, -1.83, -1.44, 0.15, 1.77, -0.53])
"""Of the features."""

SHAPE_WEIGHTS = np.array(
    [
        [-0.07, 2.96, -0.68, -1.74, 0.79, 0.51],
        [-0.05, 1.20, -0.24, -0.48, 0.34, 0.04],
        [0.35, -0.46, 0.32, -0.27, 0.57, -0.41],
        [0.13, 0.03, 0.32, 0.16, 0.75, 0.01],
        [0.57, 0.23, -0.11, -0.73, -0.91, -0.67],
        [0.36, 0.19, 0.32, 0.08, 0.25, 0.20],
        [0.64, 0.34, -0.03, -0.67, 0.17, -0.71],
        [-0.34, -1.64, 0.26, 1.39, -1.00, 0.24],
        [-0.55, -0.77, 0.08, 1.00, -0.78, 0.71],
        [0.71, 0.52, -0.10, -0.86, 0.19, -0.37],
    ]
)
"""Of the shapes: a row for each class."""


def scores(pieces: list[Piece], answers: Answers, judged: Array) -> NDArray[np.float64]:
    """What speaks for each piece being one digit of each class: (pieces, 10). judged: as by `judge.judged`."""
    measured = np.array([piece.measures for piece in pieces], np.float64).T
    found: NDArray[np.float64] = CERTAINTY * certainty(answers.probabilities)
    found += JUDGEMENT * certainty(judged[:, :NONE])
    found += (features(measured, answers.strengths, judged[:, NONE]) @ WEIGHTS)[:, np.newaxis] + shapes(
        measured
    ) @ SHAPE_WEIGHTS.T
    return found


def agreed(seen: Array, judged: Array) -> NDArray[np.float64]:
    """What the network sees in all views and what the judge says, together: (digits, 10) each, and the judge's last.

    The product of both, the judge's to the power of LAST_WORD.
    """
    logarithms = np.log(seen.astype(np.float64).clip(TINY)) + LAST_WORD * certainty(judged[:, :NONE])
    odds = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    together: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
    return together


def certainty(probabilities: Array) -> NDArray[np.float64]:
    """log(p + LEAST)."""
    logarithms: NDArray[np.float64] = np.log(probabilities.astype(np.float64) + LEAST)
    return logarithms


def features(measured: Array, strengths: Array, none: Array) -> NDArray[np.float64]:
    """Columns as in FEATURES, for measures (8, pieces), the network's largest outputs and the judge's p of none."""
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
            certainty(none),
        ],
        axis=1,
    )


def shapes(measured: Array) -> NDArray[np.float64]:
    """Columns as in SHAPES."""
    height, width = measured[:2]
    return np.stack([np.ones_like(width), height, width, width**2, np.log(width), height * width], axis=1)
