"""Dropout, of numbers and of whole channels."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import phase
from engine.kernels.dropout import kept
from engine.kernels.operands import integers, maps, matrix, number, vector
from engine.layers import Layer
from engine.layers.dropout import Dropout
from engine.layers.dropout2d import Dropout2d
from engine.stages.lowering import Fresh, Lowering, Stage, lowers
from engine.stages.signals import Maps, Rows, Signal, as_maps, even_chunks, like


@phase
def dropout_maps(t, chunk, thread):
    """y = scale x where a draw says so, else 0, for some samples; the same from dy to dx.

    A number's draw is that of its place with channels first, as in NumPy; whole channels have one draw each.
    """
    x, y, before, after, channels = maps(t, 0), maps(t, 1), number(t, 2), number(t, 3), number(t, 4)
    draw, scale, whole, samples = integers(t, 5), vector(t, 6)[0], number(t, 7), number(t, 8)
    key, threshold = np.uint64(draw[0]), np.uint64(draw[1])
    height, width = y.shape[1] - 2 * after, y.shape[2] - 2 * after
    zero = np.float32(0)
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        for i in range(height):
            for j in range(width):
                source, target = x[n, i + before, j + before], y[n, i + after, j + after]
                for c in range(channels):
                    channel = n * channels + c
                    place = channel if whole else (channel * height + i) * width + j
                    target[c] = scale * source[c] if kept(key, np.uint64(place), threshold) else zero


@phase
def dropout_rows_backward(t, chunk, thread):
    """dx[i, b] = scale dy[i, b] where the draw of (b, i) says so, else 0, for some features."""
    dy, dx, draw, scale = matrix(t, 0), matrix(t, 1), integers(t, 2), vector(t, 3)[0]
    batch, features = number(t, 4), number(t, 5)
    key, threshold = np.uint64(draw[0]), np.uint64(draw[1])
    count = dy.shape[0]
    for i in range(chunk * features, min((chunk + 1) * features, count)):
        for b in range(batch):
            dx[i, b] = scale * dy[i, b] if kept(key, np.uint64(b * count + i), threshold) else np.float32(0)


@lowers(Dropout2d)
@lowers(Dropout)
def lower_dropout(to: Lowering, layer: Dropout, x: Signal, following: list[Layer]) -> tuple[Stage | None, int]:
    """The layer's stage; none but in training."""
    if not to.training:
        return None, 0
    y = like(x, following)
    draw, scale = np.zeros(2, np.int64), np.zeros(1, np.float32)

    def draw_masks(steps: int) -> Array:
        drawn = np.empty((steps, 2), np.uint64)
        drawn[:, 0], drawn[:, 1], scale[0] = layer.draw(steps)
        return drawn.view(np.int64)

    before, after = (signal.border if isinstance(signal, Maps) else 0 for signal in (x, y))
    samples, whole = even_chunks(to.batch, to.chunks), int(isinstance(layer, Dropout2d))
    count = -(-to.batch // samples)
    settings = [x.shape[0], draw, scale, whole, samples]
    forward = to.segment(dropout_maps, [as_maps(x), as_maps(y), before, after, *settings], count)
    stage = Stage(y, forward=[[forward]], fresh=Fresh(draw, draw_masks))
    if x.gradient is not None:
        dy, dx = y.need_gradient(), x.gradient
        if isinstance(x, Rows):
            features = even_chunks(x.features, to.chunks)
            operands = [dy, dx, draw, scale, to.batch, features]
            back = to.segment(dropout_rows_backward, operands, -(-x.features // features))
        else:
            back = to.segment(dropout_maps, [dy, dx, 0, 0, *settings], count)
        stage.backward = [[back]]
    return stage, 0
