"""Softmax cross-entropy, from scores to their gradient, and how many answers were right."""

import numpy as np

from engine.kernels.compiled import phase
from engine.kernels.operands import doubles, integers, matrix, number
from engine.kernels.softmax import softmax_cross_entropy


@phase
def cross_entropy(t, chunk, thread):
    """figures = (mean loss, right answers); dy[k, b] = its gradient, if asked for.   y: (batch, padded classes)."""
    y, labels, dy, classes, scratch = matrix(t, 0), integers(t, 1), matrix(t, 2), number(t, 3), matrix(t, 4)
    smoothing, figures = doubles(t, 5), doubles(t, 6)
    scores, gradient = scratch[: y.shape[0]], scratch[y.shape[0] :]
    right = 0
    for b in range(y.shape[0]):
        best = 0
        for k in range(classes):
            scores[b, k] = y[b, k]
            if y[b, k] > y[b, best]:
                best = k
        right += best == labels[b]
    figures[0] = softmax_cross_entropy(scores, labels, smoothing[0], gradient)
    figures[1] = right
    if dy.size:
        for b in range(y.shape[0]):
            for k in range(classes):
                dy[k, b] = np.float32(gradient[b, k])
