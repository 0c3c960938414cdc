"""JAX: the whole step under `jit`, the state donated, Adam as optax writes it, XLA's own threads.

Variants, for pictures: either order of a picture's numbers, and the maximum of a window by `reduce_window` or by
reshaping, whose gradient XLA computes faster on some machines.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks import workloads as w
from benchmarks.contestants.steps import Steps, Timer

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def variants(workload: w.Workload) -> Sequence[str]:
    """Known to be fast somewhere."""
    if not workload.convolutional:
        return ["jit"]
    return [f"{layout}, {pool}" for layout in ("NHWC", "NCHW") for pool in ("reshape", "reduce_window")]


def build(workload: w.Workload, variant: str) -> Steps:
    """Steps through the ready-made batches in turn; returns when the last one's state is there."""
    random = np.random.default_rng(0)
    last = variant.startswith("NHWC")
    shape = (*w.INPUT_SHAPE[1:], w.INPUT_SHAPE[0]) if last else w.INPUT_SHAPE
    data = [
        (
            jnp.asarray(random.standard_normal((workload.batch, *shape), np.float32)),
            jnp.asarray(random.integers(w.CLASSES, size=workload.batch), jnp.int32),
        )
        for _ in range(w.BATCHES)
    ]
    parameters = [
        (jnp.asarray(random.normal(0, prod(size[:-1]) ** -0.5, size), jnp.float32), jnp.zeros(size[-1]))
        for size in weight_shapes(workload.layers)
    ]
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, jax.tree.map(jnp.copy, zeros), jnp.float32(0))
    step = make_step(workload.layers, last, "reduce_window" in variant)
    at = 0

    def steps(count: int) -> None:
        nonlocal state, at
        for _ in range(count):
            state, _ = step(state, *data[at])
            at = (at + 1) % len(data)
        jax.block_until_ready(state)

    return steps


def weight_shapes(chain: w.Chain) -> Iterator[tuple[int, ...]]:
    """Inputs before outputs, as JAX's users lay them out."""
    for layer, before, _ in w.learning(chain):
        match layer:
            case w.Conv2d(channels, kernel):
                yield (kernel, kernel, before[0], channels)
            case w.Linear(units):
                yield (before[0], units)


def make_step(chain: w.Chain, channels_last: bool, window: bool) -> Any:
    """(state, x, labels) -> (state, loss)."""

    def loss(parameters: Any, x: Any, labels: Any) -> Any:
        logits = forward(chain, parameters, x, channels_last, window)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1).mean()

    @partial(jax.jit, donate_argnums=0)
    def step(state: Any, x: Any, labels: Any) -> Any:
        parameters, first, second, count = state
        value, gradients = jax.value_and_grad(loss)(parameters, x, labels)
        count = count + 1
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)
        corrections = 1 - BETA1**count, 1 - BETA2**count

        def update(p: Any, m: Any, v: Any) -> Any:
            return p - w.LEARNING_RATE * (m / corrections[0]) / (jnp.sqrt(v / corrections[1]) + EPSILON)

        return (jax.tree.map(update, parameters, first, second), first, second, count), value

    return step


def forward(chain: w.Chain, parameters: Any, x: Any, channels_last: bool, window: bool) -> Any:
    """The outputs of the last layer."""
    remaining = iter(parameters)
    layout = "NHWC" if channels_last else "NCHW"
    for layer in chain:
        match layer:
            case w.Conv2d(_, _, padding):
                weight, bias = next(remaining)
                pads = [(padding, padding)] * 2
                x = lax.conv_general_dilated(x, weight, (1, 1), pads, dimension_numbers=(layout, "HWIO", layout))
                x = x + (bias if channels_last else bias[:, None, None])
            case w.MaxPool2d(size):
                x = (_pool_window if window else _pool_reshaped)(x, size, 1 if channels_last else 2)
            case w.Flatten():
                x = x.reshape(len(x), -1)
            case w.ReLU():
                x = jax.nn.relu(x)
            case w.Linear():
                weight, bias = next(remaining)
                x = x @ weight + bias
    return x


def _pool_window(x: Any, size: int, axis: int) -> Any:
    """The maximum over blocks of the axis and the next one."""
    window = tuple(size if index in (axis, axis + 1) else 1 for index in range(4))
    return lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")


def _pool_reshaped(x: Any, size: int, axis: int) -> Any:
    height, width = x.shape[axis : axis + 2]
    x = lax.slice_in_dim(x, 0, height - height % size, axis=axis)
    x = lax.slice_in_dim(x, 0, width - width % size, axis=axis + 1)
    before, after = x.shape[:axis], x.shape[axis + 2 :]
    blocks = x.reshape(*before, height // size, size, width // size, size, *after)
    return blocks.max((axis + 1, axis + 3))


CALLS = Timer(variants, build).calls
