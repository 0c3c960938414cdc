"""Scores to probabilities, a sample at a time."""

import numpy as np

from engine.kernels.compiled import phase
from engine.kernels.operands import matrix, number
from engine.layers import Layer
from engine.layers.softmax import Softmax
from engine.stages.lowering import Lowering, Stage, lowers
from engine.stages.signals import Rows, Signal, even_chunks


@phase
def softmax_forward(t, chunk, thread):
    """y_k = exp(x_k - max x) / the sum of them, for some samples."""
    x, y, features, samples = matrix(t, 0), matrix(t, 1), number(t, 2), number(t, 3)
    for b in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        largest = x[b, 0]
        for k in range(1, features):
            largest = max(largest, x[b, k])
        total = np.float32(0)
        for k in range(features):
            y[b, k] = np.exp(x[b, k] - largest)
            total += y[b, k]
        for k in range(features):
            y[b, k] /= total


@phase
def softmax_backward(t, chunk, thread):
    """dx_k = y_k (dy_k - sum_j dy_j y_j), for some samples."""
    y, dy, dx, samples = matrix(t, 0), matrix(t, 1), matrix(t, 2), number(t, 3)
    for b in range(chunk * samples, min((chunk + 1) * samples, y.shape[0])):
        along = np.float32(0)
        for k in range(dy.shape[0]):
            along += dy[k, b] * y[b, k]
        for k in range(dy.shape[0]):
            dx[k, b] = y[b, k] * (dy[k, b] - along)


@lowers(Softmax)
def lower_softmax(to: Lowering, layer: Softmax, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage."""
    assert isinstance(x, Rows)
    y = Rows(to.batch, x.features)
    samples = even_chunks(to.batch, to.chunks)
    chunks = -(-to.batch // samples)
    stage = Stage(y, forward=[[to.segment(softmax_forward, [x.value, y.value, x.features, samples], chunks)]])
    if to.training and x.gradient is not None:
        operands = [y.value, y.need_gradient(), x.gradient, samples]
        stage.backward = [[to.segment(softmax_backward, operands, chunks)]]
    return stage, 0
