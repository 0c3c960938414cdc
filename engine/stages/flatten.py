"""From pictures, channels last, to vectors, channels first."""

from engine.kernels.compiled import phase
from engine.kernels.operands import maps, matrix, number
from engine.layers import Layer
from engine.layers.flatten import Flatten
from engine.stages.lowering import Lowering, Stage, lowers
from engine.stages.signals import Maps, Rows, Signal, even_chunks, size_of


@phase
def flatten_forward(t, chunk, thread):
    """y[n, (c, i, j)] = x[n, i, j, c], for some samples."""
    x, y, border, channels, samples = maps(t, 0), matrix(t, 1), number(t, 2), number(t, 3), number(t, 4)
    height, width = x.shape[1] - 2 * border, x.shape[2] - 2 * border
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        for c in range(channels):
            row = y[n, c * height * width :]
            for i in range(height):
                for j in range(width):
                    row[i * width + j] = x[n, i + border, j + border, c]


@phase
def flatten_backward(t, chunk, thread):
    """dx[n, i, j, c] = dy[(c, i, j), n], for some pixels of all samples."""
    dy, dx, channels, pixels = matrix(t, 0), maps(t, 1), number(t, 2), number(t, 3)
    batch, height, width, _ = dx.shape
    for pixel in range(chunk * pixels, min((chunk + 1) * pixels, height * width)):
        i, j = pixel // width, pixel % width
        for n in range(batch):
            target = dx[n, i, j]
            for c in range(channels):
                target[c] = dy[c * height * width + pixel, n]


@lowers(Flatten)
def lower_flatten(to: Lowering, layer: Flatten, x: Signal, following: list[Layer]) -> tuple[Stage | None, int]:
    """The layer's stage; none where samples are vectors already."""
    if not isinstance(x, Maps):
        return None, 0
    y = Rows(to.batch, size_of(x.shape))
    channels, height, width = x.shape
    samples = even_chunks(to.batch, to.chunks)
    forward = to.segment(flatten_forward, [x.value, y.value, x.border, channels, samples], -(-to.batch // samples))
    stage = Stage(y, forward=[[forward]])
    if to.training and x.gradient is not None:
        pixels = even_chunks(height * width, to.chunks)
        operands = [y.need_gradient(), x.gradient, channels, pixels]
        stage.backward = [[to.segment(flatten_backward, operands, -(-height * width // pixels))]]
    return stage, 0
