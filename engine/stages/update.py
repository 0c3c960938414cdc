"""The end of a step: norms of the gradients, clipping, and one pass over weights, gradients and moments."""

import numpy as np

from engine.kernels import updates
from engine.kernels.compiled import kernel, phase
from engine.kernels.operands import doubles, integers, vector
from engine.kernels.updates import adam, momentum, rmsprop, sgd
from engine.optimizers.base import SCALE, Optimizer, clip_factor

BLOCK = 8192
"""Numbers of a parameter that one chunk updates: with gradients and moments they fill half of a core's cache."""

SCALARS = 16
"""Room for the scalars of an update; a row of them for all parameters that have had equally many updates."""

_clip_factor = kernel(clip_factor)


@phase
def judge_gradients(t, chunk, thread):
    """squares[p] = the square sum of parameter p's gradient, from its parts; the scalars get what clipping leaves.

    The norm that is clipped leaves out what is frozen. verdict[0] becomes 1 if loss and norm are finite and verdict[1]
    is 0, else 0: then nothing is updated.
    """
    parts, bounds, squares = doubles(t, 0), integers(t, 1), doubles(t, 2)
    limit, figures, verdict, scalars = doubles(t, 3)[0], doubles(t, 4), doubles(t, 5), vector(t, 6)
    learns = integers(t, 7)
    total = 0.0
    for p in range(squares.size):
        squares[p] = 0.0
        for part in range(bounds[2 * p], bounds[2 * p + 1]):
            squares[p] += parts[part]
        if learns[p]:
            total += squares[p]
    norm = np.sqrt(total)
    for row in range(0, scalars.size, SCALARS):
        scalars[row + SCALE] = np.float32(_clip_factor(norm, limit))
    finite = np.isfinite(figures[0]) and np.isfinite(norm)
    verdict[0] = 1.0 if finite and verdict[1] == 0 else 0.0


@phase
def sgd_update(t, chunk, thread):
    """A block of `sgd`."""
    w, g, bounds = vector(t, 0), vector(t, 1), integers(t, 3)[3 * chunk :]
    verdict, changes, sizes = doubles(t, 4), doubles(t, 5), doubles(t, 6)
    a, b, s = bounds[0], bounds[1], vector(t, 2)[bounds[2] :]
    if verdict[0] > 0:
        changes[chunk], sizes[chunk] = sgd(w[a:b], g[a:b], s[0], s[1], s[2], s[3])


@phase
def momentum_update(t, chunk, thread):
    """A block of `momentum`."""
    w, g, bounds = vector(t, 0), vector(t, 1), integers(t, 3)[3 * chunk :]
    verdict, changes, sizes, v = doubles(t, 4), doubles(t, 5), doubles(t, 6), vector(t, 7)
    a, b, s = bounds[0], bounds[1], vector(t, 2)[bounds[2] :]
    if verdict[0] > 0:
        changes[chunk], sizes[chunk] = momentum(w[a:b], g[a:b], v[a:b], s[0], s[1], s[2], s[3], s[4], s[5])


@phase
def rmsprop_update(t, chunk, thread):
    """A block of `rmsprop`."""
    w, g, bounds = vector(t, 0), vector(t, 1), integers(t, 3)[3 * chunk :]
    verdict, changes, sizes, v = doubles(t, 4), doubles(t, 5), doubles(t, 6), vector(t, 7)
    a, b, s = bounds[0], bounds[1], vector(t, 2)[bounds[2] :]
    if verdict[0] > 0:
        changes[chunk], sizes[chunk] = rmsprop(w[a:b], g[a:b], v[a:b], s[0], s[1], s[2], s[3], s[4], s[5], s[6])


@phase
def adam_update(t, chunk, thread):
    """A block of `adam`."""
    w, g, bounds = vector(t, 0), vector(t, 1), integers(t, 3)[3 * chunk :]
    verdict, changes, sizes, m, v = doubles(t, 4), doubles(t, 5), doubles(t, 6), vector(t, 7), vector(t, 8)
    a, b, s = bounds[0], bounds[1], vector(t, 2)[bounds[2] :]
    if verdict[0] > 0:
        changes[chunk], sizes[chunk] = adam(
            w[a:b], g[a:b], m[a:b], v[a:b], s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9]
        )


PHASES = {
    updates.sgd: sgd_update,
    updates.momentum: momentum_update,
    updates.rmsprop: rmsprop_update,
    updates.adam: adam_update,
}


def update_phase(optimizer: Optimizer) -> phase | None:
    """The phase of an optimizer's rule."""
    return PHASES.get(type(optimizer).rule)
