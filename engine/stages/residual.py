"""A chain of layers with a way around it."""

from engine.arrays import Array
from engine.kernels.compiled import phase
from engine.kernels.crew import Segment
from engine.kernels.operands import maps, number, vector
from engine.layers import Layer
from engine.layers.residual import Residual
from engine.stages.lowering import Lowering, Stage, lowers
from engine.stages.signals import Maps, Rows, Signal, as_maps, even_chunks, like


@phase
def residual_forward(t, chunk, thread):
    """y = x + f, for one sample."""
    x, f, y, x_border, f_border, y_border = maps(t, 0), maps(t, 1), maps(t, 2), number(t, 3), number(t, 4), number(t, 5)
    channels = number(t, 6)
    for i in range(y.shape[1] - 2 * y_border):
        for j in range(y.shape[2] - 2 * y_border):
            around, through = x[chunk, i + x_border, j + x_border], f[chunk, i + f_border, j + f_border]
            target = y[chunk, i + y_border, j + y_border]
            for c in range(channels):
                target[c] = around[c] + through[c]


@phase
def residual_backward(t, chunk, thread):
    """dx += dy, what came around, for a block of numbers."""
    dx, dy, block = vector(t, 0), vector(t, 1), number(t, 2)
    for i in range(chunk * block, min((chunk + 1) * block, dx.size)):
        dx[i] += dy[i]


@phase
def residual_repeat(t, chunk, thread):
    """df = dy, for a block of numbers."""
    df, dy, block = vector(t, 0), vector(t, 1), number(t, 2)
    for i in range(chunk * block, min((chunk + 1) * block, df.size)):
        df[i] = dy[i]


@lowers(Residual)
def lower_residual(to: Lowering, layer: Residual, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The stages of the chain between two of its own: where the ways part, and where they meet."""
    if isinstance(x, Rows):
        x.settling = None  # what comes around is added to the gradient that the chain makes
    fork = Stage(x, forward=[])
    to.stages.append(fork)
    f = to.chain(layer.chain, x)
    y = like(x, following)
    borders = [signal.border if isinstance(signal, Maps) else 0 for signal in (x, f, y)]
    operands = [as_maps(x), as_maps(f), as_maps(y), *borders, x.shape[0]]
    stage = Stage(y, forward=[[to.segment(residual_forward, operands, to.batch)]])
    if f.gradient is None:
        return stage, 0

    def each(function: phase, target: Array, source: Array) -> list[list[Segment]]:
        block = even_chunks(target.size, to.chunks)
        return [[to.segment(function, [target, source, block], -(-target.size // block), flat=(0, 1))]]

    if f.gradient is x.gradient:  # the chain has no stage of its own, and y's gradient must outlive the first sum
        stage.backward = each(residual_repeat, f.gradient, y.need_gradient())
    else:
        # What reaches the sum goes both ways unchanged: y and f share it.
        y.gradient = f.gradient
    if x.gradient is not None and y.gradient is not None:
        fork.backward = each(residual_backward, x.gradient, y.gradient)
    return stage, 0
