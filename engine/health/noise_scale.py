"""How much the gradient of one sample differs from another's: the batch that suits it."""

from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.datasets.base import Split
from engine.health.cost import numpy_seconds
from engine.layers import Layer
from engine.layers.base import Backward
from engine.layers.linear import Linear
from engine.losses import Loss
from engine.model import Sequential

SINGLES = 50
"""Samples whose gradients are formed one by one, where that is needed."""


class NoiseScale(NamedTuple):
    """Over so many samples: the trace of the covariance of their gradients, and the square norm of the true one."""

    trace: float
    square_norm: float

    @property
    def simple(self) -> float:
        """B_simple = tr(Sigma) / |G|^2: infinite where the samples do not show G for the noise."""
        return self.trace / self.square_norm if self.square_norm > 0 else float("inf")


def measure_noise(model: Sequential, loss: Loss, samples: Split) -> NoiseScale:
    """McCandlish et al. 2018, arXiv 1812.06162, eq. 2.9, without dropout.

    With g_i of each of n samples and their mean g: tr(Sigma) = (sum |g_i|^2 - n |g|^2) / (n - 1), and |G|^2 =
    |g|^2 - tr(Sigma) / n, without bias both: what their appendix A estimates from two batch sizes, here 1 and n.
    Writes the model's gradients, which the next step writes anew.
    """
    squares, mean = gradient_squares(model, loss, samples)
    n = len(squares)
    trace = (float(squares.sum()) - n * mean) / (n - 1)
    return NoiseScale(trace, mean - trace / n)


def gradient_squares(model: Sequential, loss: Loss, samples: Split) -> tuple[Array, float]:
    """|g_i|^2 of the samples, or of some of them where each takes a pass of its own, and |g|^2 of their mean."""
    return _dense(model, loss, samples) if dense(model) else _one_by_one(model, loss, samples)


def noise_seconds(model: Sequential, samples: Split) -> float:
    """About what that takes."""
    count = len(samples) if dense(model) else min(len(samples), SINGLES)
    return numpy_seconds(model, count, 1 if dense(model) else count)


def _dense(model: Sequential, loss: Loss, samples: Split) -> tuple[Array, float]:
    """No g_i is formed: of a dense layer, |g_i|^2 = |delta_i|^2 (|a_i|^2 + 1),
    delta_i the gradient of its output, a_i its input, 1 for the bias (Goodfellow 2015, arXiv 1510.01799).
    """
    n = len(samples)
    seen: list[tuple[Linear, Array, Array]] = []
    outputs, backward = _watched(model, samples.x, seen)
    _, loss_backward = loss.forward(outputs, loss.targets(samples.labels, outputs))
    backward(loss_backward())
    squares, mean = np.zeros(n), 0.0
    for layer, a, delta in seen:
        # The loss is a mean: a sample's own gradient is n times its part.
        own = np.square(delta, dtype=np.float64).sum(axis=1) * n * n
        squares += own * (np.square(a, dtype=np.float64).sum(axis=1) + layer.bias)
        mean += sum(float(np.square(parameter.gradient, dtype=np.float64).sum()) for parameter in layer.parameters)
    return squares, mean


def _one_by_one(model: Sequential, loss: Loss, samples: Split) -> tuple[Array, float]:
    """The same of any network, with a pass for each of `SINGLES` samples."""
    chosen = np.linspace(0, len(samples) - 1, min(len(samples), SINGLES)).astype(np.int64)
    squares, total = np.zeros(len(chosen)), np.zeros_like(model.gradients)
    for place, sample in enumerate(chosen):
        x, labels = samples.x[sample : sample + 1], samples.labels[sample : sample + 1]
        outputs, backward = model.forward(x, training=False)
        _, loss_backward = loss.forward(outputs, loss.targets(labels, outputs))
        backward(loss_backward())
        squares[place] = model.gradients @ model.gradients
        total += model.gradients
    return squares, float(np.square(total / len(chosen), dtype=np.float64).sum())


def dense(model: Sequential) -> bool:
    """Whether all parameters are those of dense layers, none inside another: then one pass suffices."""
    return all(isinstance(leaf.layer, Linear) and leaf.layer in model.layers for leaf in model.learning_layers)


def _watched(model: Sequential, x: Array, seen: list[tuple[Linear, Array, Array]]) -> tuple[Array, Backward]:
    """As `Sequential.forward`; on the way back, what each dense layer was given goes into `seen`."""
    passed: list[tuple[Layer, Array, Backward]] = []
    for layer in model.layers:
        y, backward = layer.forward(x, training=False)
        passed.append((layer, x, backward))
        x = y

    def back(dy: Array) -> Array | None:
        gradient: Array | None = dy
        for layer, given, backward in reversed(passed):
            if gradient is None:
                break
            if isinstance(layer, Linear):
                seen.append((layer, given, gradient))
            gradient = backward(gradient)
        return gradient

    return x, back
