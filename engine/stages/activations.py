"""Activations that stand alone: number by number, whatever the shape."""

import numpy as np

from engine.kernels.compiled import kernel, phase
from engine.kernels.operands import maps, matrix, number, vector
from engine.layers import Layer
from engine.layers.leaky_relu import LeakyReLU
from engine.layers.relu import ReLU
from engine.layers.sigmoid import Sigmoid
from engine.layers.tanh import Tanh
from engine.stages.lowering import Lowering, Stage, lowers
from engine.stages.signals import Maps, Rows, Signal, as_maps, even_chunks, like

RECTIFIER, TANH, SIGMOID = range(3)


@kernel
def _value(kind, slope, x):
    if kind == TANH:
        return np.tanh(x)
    if kind == SIGMOID:
        half = np.float32(0.5)
        return half * np.tanh(half * x) + half
    return x if x > 0 else slope * x


@kernel
def _derivative(kind, slope, x, y):
    one = np.float32(1)
    if kind == TANH:
        return one - y * y
    if kind == SIGMOID:
        return y * (one - y)
    return one if x > 0 else slope


@phase
def activation_forward(t, chunk, thread):
    """y = f(x), for some samples."""
    x, y, before, after, channels = maps(t, 0), maps(t, 1), number(t, 2), number(t, 3), number(t, 4)
    kind, slope, samples = number(t, 5), vector(t, 6)[0], number(t, 7)
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        for i in range(x.shape[1] - 2 * before):
            for j in range(x.shape[2] - 2 * before):
                source, target = x[n, i + before, j + before], y[n, i + after, j + after]
                for c in range(channels):
                    target[c] = _value(kind, slope, source[c])


@phase
def activation_backward(t, chunk, thread):
    """dx = dy f'(x) of pictures, for some samples."""
    x, y, before, after, channels = maps(t, 0), maps(t, 1), number(t, 2), number(t, 3), number(t, 4)
    kind, slope, samples, dy, dx = number(t, 5), vector(t, 6)[0], number(t, 7), maps(t, 8), maps(t, 9)
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        for i in range(x.shape[1] - 2 * before):
            for j in range(x.shape[2] - 2 * before):
                source, shown = x[n, i + before, j + before], y[n, i + after, j + after]
                for c in range(channels):
                    dx[n, i, j, c] = dy[n, i, j, c] * _derivative(kind, slope, source[c], shown[c])


@phase
def activation_backward_rows(t, chunk, thread):
    """dx[i, b] = dy[i, b] f'(x[b, i]) of vectors, for some features."""
    x, y, dy, dx = matrix(t, 0), matrix(t, 1), matrix(t, 2), matrix(t, 3)
    kind, slope, features = number(t, 4), vector(t, 5)[0], number(t, 6)
    for i in range(chunk * features, min((chunk + 1) * features, dy.shape[0])):
        for b in range(x.shape[0]):
            dx[i, b] = dy[i, b] * _derivative(kind, slope, x[b, i], y[b, i])


def _lower(to: Lowering, kind: int, slope: float, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    y = like(x, following)
    slopes = np.array([slope], np.float32)
    before, after = (signal.border if isinstance(signal, Maps) else 0 for signal in (x, y))
    samples = even_chunks(to.batch, to.chunks)
    count = -(-to.batch // samples)
    operands = [as_maps(x), as_maps(y), before, after, x.shape[0], kind, slopes, samples]
    stage = Stage(y, forward=[[to.segment(activation_forward, operands, count)]])
    if to.training and x.gradient is not None:
        dy, dx = y.need_gradient(), x.gradient
        if isinstance(x, Rows):
            features = even_chunks(x.features, to.chunks)
            rows = [x.value, y.value, dy, dx, kind, slopes, features]
            back = to.segment(activation_backward_rows, rows, -(-x.features // features))
        else:
            back = to.segment(activation_backward, [*operands, dy, dx], count)
        stage.backward = [[back]]
    return stage, 0


@lowers(ReLU)
def lower_relu(to: Lowering, layer: ReLU, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage."""
    return _lower(to, RECTIFIER, 0.0, x, following)


@lowers(LeakyReLU)
def lower_leaky_relu(to: Lowering, layer: LeakyReLU, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage."""
    return _lower(to, RECTIFIER, layer.negative_slope, x, following)


@lowers(Tanh)
def lower_tanh(to: Lowering, layer: Tanh, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage."""
    return _lower(to, TANH, 0.0, x, following)


@lowers(Sigmoid)
def lower_sigmoid(to: Lowering, layer: Sigmoid, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage."""
    return _lower(to, SIGMOID, 0.0, x, following)
