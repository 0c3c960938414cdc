"""Which classes are taken for which."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array


class ClassAccuracies(NamedTuple):
    """By class: the share that is right, its standard error, and of how many; NaN for a class without samples."""

    accuracy: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    samples: NDArray[np.int64]


def confusion_matrix(labels: Array, answers: Array, classes: int) -> NDArray[np.int64]:
    """matrix[i, j]: samples of class i that are taken for class j.   labels, answers: (count,) → (classes, classes)"""
    return np.bincount(labels * classes + answers, minlength=classes * classes).reshape(classes, classes)


def agreement(matrix: NDArray[np.int64]) -> float:
    """Cohen's kappa, (p - e) / (1 - e): 0 is what chance agrees in, 1 is all.

    p = sum_i matrix[i, i] / n is the share that agrees, e = sum_i row_i column_i / n² what that would be if answers
    came as often as they do, but to any sample. (Cohen 1960, Educational and Psychological Measurement 20, p. 40.)
    Where all is one class, and so taken, it is 0: chance would do as well.
    """
    count = max(int(matrix.sum()), 1)
    agreed = float(matrix.trace()) / count
    chance = float(matrix.sum(axis=1) @ matrix.sum(axis=0)) / count**2
    return (agreed - chance) / (1 - chance) if chance < 1 else 0.0


def class_accuracies(matrix: NDArray[np.int64]) -> ClassAccuracies:
    """p = matrix[i, i] / n_i, with the standard error sqrt(p (1 - p) / n_i)."""
    count = matrix.sum(axis=1)
    p = np.divide(matrix.diagonal(), count, out=np.full(len(matrix), np.nan), where=count > 0)
    return ClassAccuracies(p, np.sqrt(p * (1 - p) / np.maximum(count, 1)), count)
