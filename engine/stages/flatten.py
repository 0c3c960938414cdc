"""From pictures, channels last, to vectors, channels first."""

from engine.kernels.compiled import phase
from engine.kernels.operands import cube, matrix, number
from engine.kernels.vectors import turn
from engine.layers import Layer
from engine.layers.flatten import Flatten
from engine.stages.lowering import Lowering, Stage, lowers
from engine.stages.signals import Maps, Rows, Signal, even_chunks, size_of


@phase
def flatten_forward(t, chunk, thread):
    """y[n, (c, pixel)] = x[n, pixel, c], for some samples."""
    x, y, channels, samples = cube(t, 0), matrix(t, 1), number(t, 2), number(t, 3)
    pixels, depth = x.shape[1], x.shape[2]
    whole, whole_channels = pixels - pixels % 8, channels - channels % 8
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        source, target = x[n], y[n]
        for c in range(0, whole_channels, 8):
            for pixel in range(0, whole, 8):
                turn(source[pixel, c:].ctypes.data, 4 * depth, target[c * pixels + pixel :].ctypes.data, 4 * pixels)
        for c in range(channels):
            for pixel in range(whole if c < whole_channels else 0, pixels):
                target[c * pixels + pixel] = source[pixel, c]


@phase
def flatten_backward(t, chunk, thread):
    """dx[n, pixel, c] = dy[(c, pixel), n], for some pixels of all samples."""
    dy, dx, channels, some = matrix(t, 0), cube(t, 1), number(t, 2), number(t, 3)
    batch, pixels, depth = dx.shape
    whole, whole_channels = batch - batch % 8, channels - channels % 8
    first, last = chunk * some, min((chunk + 1) * some, pixels)
    for pixel in range(first, last):
        for c in range(0, whole_channels, 8):
            for n in range(0, whole, 8):
                source, target = dy[c * pixels + pixel, n:].ctypes.data, dx[n, pixel, c:].ctypes.data
                turn(source, 4 * pixels * dy.shape[1], target, 4 * pixels * depth)
        for c in range(channels):
            for n in range(whole if c < whole_channels else 0, batch):
                dx[n, pixel, c] = dy[c * pixels + pixel, n]


@lowers(Flatten)
def lower_flatten(to: Lowering, layer: Flatten, x: Signal, following: list[Layer]) -> tuple[Stage | None, int]:
    """The layer's stage; none where samples are vectors already."""
    if not isinstance(x, Maps):
        return None, 0
    y = Rows(to.batch, size_of(x.shape))
    assert x.border == 0, "only a convolution asks for a border"
    channels, height, width = x.shape
    pixels = height * width
    samples, some = even_chunks(to.batch, to.chunks), even_chunks(pixels, to.chunks)
    flat = x.value.reshape(to.batch, pixels, -1)
    forward = to.segment(flatten_forward, [flat, y.value, channels, samples], -(-to.batch // samples))
    stage = Stage(y, forward=[[forward]])
    if to.training and x.gradient is not None:
        operands = [y.need_gradient(), x.gradient.reshape(to.batch, pixels, -1), channels, some]
        stage.backward = [[to.segment(flatten_backward, operands, -(-pixels // some))]]
    return stage, 0
