"""Pooling that stands alone: windows of any size, stride and padding, a sample at a time."""

import numpy as np

from engine.kernels.compiled import kernel, phase
from engine.kernels.operands import maps, number
from engine.layers import Layer
from engine.layers.avg_pool2d import AvgPool2d
from engine.layers.global_avg_pool2d import GlobalAvgPool2d
from engine.layers.max_pool2d import MaxPool2d
from engine.layers.windows import Pair
from engine.stages.lowering import Lowering, Stage, lowers
from engine.stages.signals import Maps, Signal, border_for


@kernel
def _windows(t, at):
    """Kernel, stride and padding, whose six numbers begin at the operand `at`."""
    return number(t, at), number(t, at + 1), number(t, at + 2), number(t, at + 3), number(t, at + 4), number(t, at + 5)


@phase
def max_pool_forward(t, chunk, thread):
    """y[u, v] = the largest of each window; `places` has where it is in the picture, row by row."""
    x, y, places, before, after = maps(t, 0), maps(t, 1), maps(t, 2), number(t, 3), number(t, 4)
    height, width, down, across, top, left = _windows(t, 5)
    rows, columns = x.shape[1] - 2 * before, x.shape[2] - 2 * before
    for u in range(places.shape[1]):
        for v in range(places.shape[2]):
            best, place = y[chunk, u + after, v + after], places[chunk, u, v]
            place[:] = -1
            for i in range(max(0, u * down - top), min(rows, u * down - top + height)):
                for j in range(max(0, v * across - left), min(columns, v * across - left + width)):
                    pixel = x[chunk, i + before, j + before]
                    here = np.float32(i * columns + j)
                    for c in range(place.size):
                        # The first one counts, and then none that is smaller or equal: NaN is neither.
                        better = place[c] < 0 or (not pixel[c] <= best[c] and best[c] == best[c])
                        best[c] = pixel[c] if better else best[c]
                        place[c] = here if better else place[c]


@phase
def max_pool_backward(t, chunk, thread):
    """dx = the sum of the dy of all windows whose largest number it was."""
    dy, places, dx = maps(t, 0), maps(t, 1), maps(t, 2)
    picture = dx[chunk]
    picture[:] = 0
    columns = dx.shape[2]
    for u in range(dy.shape[1]):
        for v in range(dy.shape[2]):
            for c in range(places.shape[3]):
                place = np.int64(places[chunk, u, v, c])
                picture[place // columns, place % columns, c] += dy[chunk, u, v, c]


@phase
def avg_pool_forward(t, chunk, thread):
    """y[u, v] = the mean of each window; beyond the picture lie zeros."""
    x, y, before, after = maps(t, 0), maps(t, 1), number(t, 2), number(t, 3)
    height, width, down, across, top, left = _windows(t, 4)
    rows, columns = x.shape[1] - 2 * before, x.shape[2] - 2 * before
    share = np.float32(1.0 / (height * width))
    for u in range(y.shape[1] - 2 * after):
        for v in range(y.shape[2] - 2 * after):
            mean = y[chunk, u + after, v + after]
            mean[:] = 0
            for i in range(max(0, u * down - top), min(rows, u * down - top + height)):
                for j in range(max(0, v * across - left), min(columns, v * across - left + width)):
                    pixel = x[chunk, i + before, j + before]
                    for c in range(min(pixel.size, mean.size)):
                        mean[c] += share * pixel[c]


@phase
def avg_pool_backward(t, chunk, thread):
    """dx = the sum of dy / area of all windows that it lies in."""
    dy, dx = maps(t, 0), maps(t, 1)
    height, width, down, across, top, left = _windows(t, 4)
    picture = dx[chunk]
    picture[:] = 0
    share = np.float32(1.0 / (height * width))
    for u in range(dy.shape[1]):
        for v in range(dy.shape[2]):
            d = dy[chunk, u, v]
            for i in range(max(0, u * down - top), min(dx.shape[1], u * down - top + height)):
                for j in range(max(0, v * across - left), min(dx.shape[2], v * across - left + width)):
                    for c in range(d.size):
                        picture[i, j, c] += share * d[c]


Windows = tuple[Pair, Pair, Pair]
"""Kernel, stride and padding."""


def _output(to: Lowering, windows: Windows, x: Signal, following: list[Layer]) -> tuple[Maps, list[int]]:
    """The signal of a pool, and the numbers that its phases take."""
    assert isinstance(x, Maps)
    kernel, stride, padding = windows
    channels, *picture = x.shape
    counts = [(s + 2 * p - k) // step + 1 for s, k, step, p in zip(picture, kernel, stride, padding, strict=True)]
    y = Maps(to.batch, (channels, *counts), border_for(following))
    return y, [x.border, y.border, *kernel, *stride, *padding]


@lowers(MaxPool2d)
def lower_max_pool(to: Lowering, layer: MaxPool2d, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage, where no convolution before it has taken it over."""
    y, settings = _output(to, (layer.kernel, layer.stride, layer.padding), x, following)
    channels, height, width = y.shape
    places = np.zeros((to.batch, height, width, channels), np.float32)
    stage = Stage(y, forward=[[to.segment(max_pool_forward, [x.value, y.value, places, *settings], to.batch)]])
    if to.training and x.gradient is not None:
        stage.backward = [[to.segment(max_pool_backward, [y.need_gradient(), places, x.gradient], to.batch)]]
    return stage, 0


def _lower_mean(to: Lowering, windows: Windows, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    y, settings = _output(to, windows, x, following)
    stage = Stage(y, forward=[[to.segment(avg_pool_forward, [x.value, y.value, *settings], to.batch)]])
    if to.training and x.gradient is not None:
        operands = [y.need_gradient(), x.gradient, *settings]
        stage.backward = [[to.segment(avg_pool_backward, operands, to.batch)]]
    return stage, 0


@lowers(AvgPool2d)
def lower_avg_pool(to: Lowering, layer: AvgPool2d, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage."""
    return _lower_mean(to, (layer.kernel, layer.stride, layer.padding), x, following)


@lowers(GlobalAvgPool2d)
def lower_global_avg_pool(to: Lowering, layer: GlobalAvgPool2d, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage: one window, the whole picture."""
    picture = x.shape[1], x.shape[2]
    return _lower_mean(to, (picture, picture, (0, 0)), x, following)
