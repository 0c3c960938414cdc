"""How much the gradient of one sample differs from another's: the batch that suits it."""

from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.datasets.base import Split
from engine.layers import Layer
from engine.layers.base import Backward
from engine.layers.linear import Linear
from engine.losses import Loss
from engine.model import Sequential


class NoiseScale(NamedTuple):
    """Over so many samples: the trace of the covariance of their gradients, and the square norm of the true one."""

    trace: float
    square_norm: float

    @property
    def simple(self) -> float:
        """B_simple = tr(Sigma) / |G|^2: infinite where the samples do not show G for the noise."""
        return self.trace / self.square_norm if self.square_norm > 0 else float("inf")


def measure_noise(model: Sequential, loss: Loss, samples: Split) -> NoiseScale:
    """McCandlish et al. 2018, arXiv 1812.06162, eq. 2.9, of the dense layers' weights and biases, without dropout.

    With g_i of each of n samples and their mean g: tr(Sigma) = (sum |g_i|^2 - n |g|^2) / (n - 1), and |G|^2 =
    |g|^2 - tr(Sigma) / n, without bias both. No g_i is formed: of a dense layer, |g_i|^2 = |delta_i|^2 (|a_i|^2 + 1),
    delta_i the gradient of its output, a_i its input, 1 for the bias (Goodfellow 2015, arXiv 1510.01799). So one pass
    there and back suffices, where two batch sizes would have to be averaged over many steps. Writes the model's
    gradients, which the next step writes anew.
    """
    n = len(samples)
    seen: list[tuple[Linear, Array, Array]] = []
    outputs, backward = _watched(model, samples.x, seen)
    _, loss_backward = loss.forward(outputs, loss.targets(samples.labels, outputs))
    backward(loss_backward())
    singles, mean = 0.0, 0.0
    for layer, a, delta in seen:
        # The loss is a mean: a sample's own gradient is n times its part.
        own = np.square(delta, dtype=np.float64).sum(axis=1) * n * n
        singles += float((own * (np.square(a, dtype=np.float64).sum(axis=1) + layer.bias)).sum())
        mean += sum(float(np.square(parameter.gradient, dtype=np.float64).sum()) for parameter in layer.parameters)
    trace = (singles - n * mean) / (n - 1)
    return NoiseScale(trace, mean - trace / n)


def dense(model: Sequential) -> bool:
    """Whether the weights are those of dense layers, none inside another: through convolutions NumPy takes too long."""
    mixing = [leaf.layer for leaf in model.leaves if any(p.fan_in for p in leaf.layer.parameters)]
    return all(isinstance(layer, Linear) and layer in model.layers for layer in mixing)


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
