"""Batch normalization, of vectors by feature and of pictures by channel: eight of them at a time, over the batch."""

import numpy as np

from engine.kernels.compiled import phase
from engine.kernels.operands import doubles, maps, matrix, number, vector
from engine.layers import Layer
from engine.layers.batch_norm1d import BatchNorm1d
from engine.layers.batch_norm2d import BatchNorm2d
from engine.stages.lowering import Lowering, Stage, lowers
from engine.stages.signals import Maps, Rows, Signal, as_maps, like, size_of


@phase
def batch_norm_statistics(t, chunk, thread):
    """mean[c], variance[c] and inverse[c] = 1 / sqrt(variance + eps) of the batch."""
    x, border, mean, inverse, eps = maps(t, 0), number(t, 1), vector(t, 2), vector(t, 3), vector(t, 4)[0]
    variance, sums = vector(t, 5), doubles(t, 6)
    first, last = chunk * 8, min((chunk + 1) * 8, mean.size)
    height, width = x.shape[1] - 2 * border, x.shape[2] - 2 * border
    count = x.shape[0] * height * width
    # float64: a picture has many pixels, and a float32 sum would lose the last ones.
    total = sums[first:]
    total[:8] = 0
    for n in range(x.shape[0]):
        for i in range(height):
            for j in range(width):
                pixel = x[n, i + border, j + border]
                for c in range(first, last):
                    total[c - first] += pixel[c]
    for c in range(first, last):
        mean[c] = total[c - first] / count
    total[:8] = 0
    for n in range(x.shape[0]):
        for i in range(height):
            for j in range(width):
                pixel = x[n, i + border, j + border]
                for c in range(first, last):
                    total[c - first] += (pixel[c] - mean[c]) * (pixel[c] - mean[c])
    for c in range(first, last):
        variance[c] = total[c - first] / count
        inverse[c] = np.float32(1) / np.sqrt(variance[c] + eps)


@phase
def batch_norm_running(t, chunk, thread):
    """mean and inverse from the running statistics."""
    running_mean, running_var, mean, inverse = vector(t, 0), vector(t, 1), vector(t, 2), vector(t, 3)
    eps = vector(t, 4)[0]
    for c in range(mean.size):
        mean[c] = running_mean[c]
        inverse[c] = np.float32(1) / np.sqrt(running_var[c] + eps)


@phase
def batch_norm_forward(t, chunk, thread):
    """y = weight (x - mean) inverse + bias, for one sample after the other."""
    x, y, before, after = maps(t, 0), maps(t, 1), number(t, 2), number(t, 3)
    mean, inverse, weight, bias = vector(t, 4), vector(t, 5), vector(t, 6), vector(t, 7)
    for i in range(x.shape[1] - 2 * before):
        for j in range(x.shape[2] - 2 * before):
            source, target = x[chunk, i + before, j + before], y[chunk, i + after, j + after]
            for c in range(mean.size):
                target[c] = (source[c] - mean[c]) * (inverse[c] * weight[c]) + bias[c]


@phase
def batch_norm_backward(t, chunk, thread):
    """dweight = sum dy n, dbias = sum dy, dx = weight inverse (dy - mean dy - n mean(dy n)), n = (x - mean) inverse."""
    x, border, mean, inverse, weight = maps(t, 0), number(t, 1), vector(t, 2), vector(t, 3), vector(t, 4)
    dweight, dbias, squares, bias_squares, sums = (
        vector(t, 5),
        vector(t, 6),
        doubles(t, 7),
        doubles(t, 8),
        doubles(t, 9),
    )
    dy, dx = maps(t, 10), maps(t, 11)
    first, last = chunk * 8, min((chunk + 1) * 8, mean.size)
    batch, height, width, _ = dy.shape
    along, through = sums[2 * first :], sums[2 * first + 8 :]
    along[:16] = 0
    for n in range(batch):
        for i in range(height):
            for j in range(width):
                pixel, d = x[n, i + border, j + border], dy[n, i, j]
                for c in range(first, last):
                    along[c - first] += d[c] * ((pixel[c] - mean[c]) * inverse[c])
                    through[c - first] += d[c]
    squares[chunk] = bias_squares[chunk] = 0
    for c in range(first, last):
        dweight[c], dbias[c] = along[c - first], through[c - first]
        squares[chunk] += along[c - first] ** 2
        bias_squares[chunk] += through[c - first] ** 2
    count = np.float32(batch * height * width)
    if dx.size:
        for n in range(batch):
            for i in range(height):
                for j in range(width):
                    pixel, d, target = x[n, i + border, j + border], dy[n, i, j], dx[n, i, j]
                    for c in range(first, last):
                        normal = (pixel[c] - mean[c]) * inverse[c]
                        target[c] = weight[c] * inverse[c] * (d[c] - (dbias[c] + normal * dweight[c]) / count)


@phase
def batch_norm_backward_rows(t, chunk, thread):
    """`batch_norm_backward` of vectors, whose gradients lie the other way round."""
    x, mean, inverse, weight = matrix(t, 0), vector(t, 2), vector(t, 3), vector(t, 4)
    dweight, dbias, squares, bias_squares = vector(t, 5), vector(t, 6), doubles(t, 7), doubles(t, 8)
    dy, dx = matrix(t, 10), matrix(t, 11)
    batch = x.shape[0]
    squares[chunk] = bias_squares[chunk] = 0
    for c in range(chunk * 8, min((chunk + 1) * 8, mean.size)):
        along = through = 0.0
        for b in range(batch):
            along += dy[c, b] * ((x[b, c] - mean[c]) * inverse[c])
            through += dy[c, b]
        dweight[c], dbias[c] = along, through
        squares[chunk] += along**2
        bias_squares[chunk] += through**2
        if dx.size:
            for b in range(batch):
                normal = (x[b, c] - mean[c]) * inverse[c]
                dx[c, b] = weight[c] * inverse[c] * (dy[c, b] - (dbias[c] + normal * dweight[c]) / np.float32(batch))


@lowers(BatchNorm2d)
@lowers(BatchNorm1d)
def lower_batch_norm(to: Lowering, layer: BatchNorm1d, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage."""
    y = like(x, following)
    weight, bias = layer.parameters
    count = weight.size
    mean, inverse = np.zeros(count, np.float32), np.zeros(count, np.float32)
    eps = np.array([layer.eps], np.float32)
    before, after = (signal.border if isinstance(signal, Maps) else 0 for signal in (x, y))
    chunks = -(-count // 8)
    sums = np.zeros(16 * chunks)
    running_mean, running_var = layer.buffers["running_mean"], layer.buffers["running_var"]
    operands = [as_maps(x), as_maps(y), before, after, mean, inverse, weight.stored_value, bias.stored_value]
    forward = to.segment(batch_norm_forward, operands, to.batch)
    if not to.training:
        statistics = to.segment(batch_norm_running, [running_mean, running_var, mean, inverse, eps], 1)
        return Stage(y, forward=[[forward]], pack=[statistics]), 0
    variance = np.zeros(count, np.float32)
    operands = [as_maps(x), before, mean, inverse, eps, variance, sums]
    statistics = to.segment(batch_norm_statistics, operands, chunks)

    def finish() -> None:
        layer.track(mean, variance, to.batch * size_of(x.shape[1:]))

    dy, dx = y.need_gradient(), x.gradient
    if dx is None:
        dx = np.zeros((0,) * dy.ndim, np.float32)
    parts = to.square_parts(weight, chunks), to.square_parts(bias, chunks)
    shared = [before, mean, inverse, weight.stored_value, weight.stored_gradient, bias.stored_gradient, *parts, sums]
    if isinstance(x, Rows):
        back = to.segment(batch_norm_backward_rows, [x.value, *shared, dy, dx], chunks)
    else:
        back = to.segment(batch_norm_backward, [x.value, *shared, dy, dx], chunks)
    return Stage(y, forward=[[statistics], [forward]], backward=[[back]], finish=finish), 0
