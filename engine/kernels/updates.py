"""The optimizers' updates: one pass over the flat vectors of values, gradients and moments, all changed in place.

Each returns the sum of the squares of its changes, and of the weights as they were before.

All scalars come in the vectors' own type: mixed types would make every loop run in float64.
"""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel


@kernel
def sgd(w: Array, g: Array, lr: float, l2: float, shrink: float, scale: float) -> tuple[float, float]:
    """w ← shrink w - lr (scale g + l2 w)."""
    changes = sizes = w.dtype.type(0)
    for i in range(w.size):
        changed = shrink * w[i] - lr * (scale * g[i] + l2 * w[i])
        changes += (changed - w[i]) * (changed - w[i])
        sizes += w[i] * w[i]
        w[i] = changed
    return changes, sizes


def sgd_reference(w: Array, g: Array, lr: float, l2: float, shrink: float, scale: float) -> tuple[float, float]:
    """What `sgd` computes."""
    return _moved(w, shrink * w - lr * (scale * g + l2 * w))


@kernel
def momentum(
    w: Array, g: Array, v: Array, lr: float, l2: float, shrink: float, scale: float, mu: float, nesterov: bool
) -> tuple[float, float]:
    """d = scale g + l2 w;  v ← mu v + d;  w ← shrink w - lr (d + mu v if nesterov else v)."""
    changes = sizes = w.dtype.type(0)
    for i in range(w.size):
        d = scale * g[i] + l2 * w[i]
        v[i] = mu * v[i] + d
        changed = shrink * w[i] - lr * (d + mu * v[i] if nesterov else v[i])
        changes += (changed - w[i]) * (changed - w[i])
        sizes += w[i] * w[i]
        w[i] = changed
    return changes, sizes


def momentum_reference(
    w: Array, g: Array, v: Array, lr: float, l2: float, shrink: float, scale: float, mu: float, nesterov: bool
) -> tuple[float, float]:
    """What `momentum` computes."""
    d = scale * g + l2 * w
    v[...] = mu * v + d
    return _moved(w, shrink * w - lr * (d + mu * v if nesterov else v))


@kernel
def rmsprop(
    w: Array,
    g: Array,
    v: Array,
    lr: float,
    l2: float,
    shrink: float,
    scale: float,
    alpha: float,
    rest: float,
    eps: float,
) -> tuple[float, float]:
    """d = scale g + l2 w;  v ← alpha v + rest d^2;  w ← shrink w - lr d / (sqrt(v) + eps).   rest = 1 - alpha."""
    changes = sizes = w.dtype.type(0)
    for i in range(w.size):
        d = scale * g[i] + l2 * w[i]
        v[i] = alpha * v[i] + rest * d * d
        changed = shrink * w[i] - lr * d / (np.sqrt(v[i]) + eps)
        changes += (changed - w[i]) * (changed - w[i])
        sizes += w[i] * w[i]
        w[i] = changed
    return changes, sizes


def rmsprop_reference(
    w: Array,
    g: Array,
    v: Array,
    lr: float,
    l2: float,
    shrink: float,
    scale: float,
    alpha: float,
    rest: float,
    eps: float,
) -> tuple[float, float]:
    """What `rmsprop` computes."""
    d = scale * g + l2 * w
    v[...] = alpha * v + rest * d * d
    return _moved(w, shrink * w - lr * d / (np.sqrt(v) + eps))


@kernel
def adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    lr: float,
    l2: float,
    shrink: float,
    scale: float,
    beta1: float,
    rest1: float,
    beta2: float,
    rest2: float,
    correction: float,
    eps: float,
) -> tuple[float, float]:
    """d = scale g + l2 w;  m ← beta1 m + rest1 d;  v ← beta2 v + rest2 d^2;
    w ← shrink w - lr m / (sqrt(v) correction + eps).

    rest = 1 - beta; lr comes divided by 1 - beta1^t, and correction is 1 / sqrt(1 - beta2^t): the bias corrections.
    """
    changes = sizes = w.dtype.type(0)
    for i in range(w.size):
        d = scale * g[i] + l2 * w[i]
        m[i] = beta1 * m[i] + rest1 * d
        v[i] = beta2 * v[i] + rest2 * d * d
        changed = shrink * w[i] - lr * m[i] / (np.sqrt(v[i]) * correction + eps)
        changes += (changed - w[i]) * (changed - w[i])
        sizes += w[i] * w[i]
        w[i] = changed
    return changes, sizes


def adam_reference(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    lr: float,
    l2: float,
    shrink: float,
    scale: float,
    beta1: float,
    rest1: float,
    beta2: float,
    rest2: float,
    correction: float,
    eps: float,
) -> tuple[float, float]:
    """What `adam` computes."""
    d = scale * g + l2 * w
    m[...] = beta1 * m + rest1 * d
    v[...] = beta2 * v + rest2 * d * d
    return _moved(w, shrink * w - lr * m / (np.sqrt(v) * correction + eps))


def _moved(w: Array, changed: Array) -> tuple[float, float]:
    """Set w, and tell the square sums of the change and of what was there before."""
    change, size = np.square(changed - w, dtype=np.float64).sum(), np.square(w, dtype=np.float64).sum()
    w[...] = changed
    return float(change), float(size)
