"""Samples that a network is wrong about: the worst ones, and those where the label may be what is wrong."""

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array

TRUSTED = 0.6
"""Cohen's kappa of a network and the labels from which on it may doubt one of them: from there on their agreement is
"substantial" (Landis and Koch 1977, Biometrics 33, p. 165). Of one that is wrong itself, all it is wrong about would
be suspect.
"""


def worst_mistakes(labels: Array, probabilities: Array) -> NDArray[np.int64]:
    """The samples taken for another class, those first whose own class seems least likely; equals in their order.

    labels: (count,); probabilities: (count, classes)
    """
    own = probabilities[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(own[wrong], kind="stable")]


def label_suspects(labels: Array, probabilities: Array) -> NDArray[np.int64]:
    """The samples whose label another class contradicts with more confidence than its own samples have on average.

    That is p(class) >= the mean of p(class) over the samples that have it as their label, for a class that is not the
    label: the off-diagonal of the confident joint (Northcutt, Jiang and Chuang 2021, "Confident learning", arXiv
    1911.00068, section 3.1). Ordered by p(label) - max p(class), the widest contradiction first (section 3.2).
    """
    count, classes = probabilities.shape
    sizes = np.bincount(labels, minlength=classes)
    own = probabilities[np.arange(count), labels]
    thresholds = np.bincount(labels, weights=own, minlength=classes) / np.maximum(sizes, 1)
    # No sample of a class says how sure the network of that class is.
    thresholds[sizes == 0] = np.inf
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    found = np.flatnonzero((confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != labels))
    others = probabilities[found].copy()
    others[np.arange(len(found)), labels[found]] = -1.0
    return found[np.argsort(own[found] - others.max(axis=1, initial=-1.0), kind="stable")]
