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


def class_accuracies(matrix: NDArray[np.int64]) -> ClassAccuracies:
    """p = matrix[i, i] / n_i, with the standard error sqrt(p (1 - p) / n_i)."""
    count = matrix.sum(axis=1)
    p = np.divide(matrix.diagonal(), count, out=np.full(len(matrix), np.nan), where=count > 0)
    return ClassAccuracies(p, np.sqrt(p * (1 - p) / np.maximum(count, 1)), count)
