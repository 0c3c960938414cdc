"""A chain of layers with a way around it."""

from engine.kernels.compiled import phase
from engine.kernels.operands import maps, number, vector
from engine.layers import Layer
from engine.layers.residual import Residual
from engine.stages.lowering import Lowering, Stage, lowers
from engine.stages.signals import Maps, Signal, as_maps, even_chunks, like


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


@lowers(Residual)
def lower_residual(to: Lowering, layer: Residual, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The stages of the chain between two of its own: where the ways part, and where they meet."""
    fork = Stage(x, forward=[])
    to.stages.append(fork)
    f = to.chain(layer.chain, x)
    y = like(x, following)
    # What reaches the sum goes both ways unchanged: y and f share it.
    y.gradient = f.gradient
    borders = [signal.border if isinstance(signal, Maps) else 0 for signal in (x, f, y)]
    operands = [as_maps(x), as_maps(f), as_maps(y), *borders, x.shape[0]]
    if x.gradient is not None and y.gradient is not None:
        block = even_chunks(x.gradient.size, to.chunks)
        parts = [x.gradient, y.gradient, block]
        fork.backward = [[to.segment(residual_backward, parts, -(-x.gradient.size // block), flat=(0, 1))]]
    return Stage(y, forward=[[to.segment(residual_forward, operands, to.batch)]]), 0
