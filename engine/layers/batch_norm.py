"""Batch normalization of vectors."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers, require_features
from engine.parameters import Parameter


@layers.register("BatchNorm1d")
class BatchNorm1d(Layer):
    """y = weight (x - mean) / sqrt(variance + eps) + bias, by feature.   x: (batch, features).

    Ioffe and Szegedy 2015, arXiv 1502.03167. Training takes mean and (biased) variance from the batch and moves the
    running ones, with the unbiased variance, by `momentum`; otherwise the running ones are used.
    A batch of one has no variance: it moves no running one, nor does a batch that is not finite.
    """

    def __init__(
        self, eps: Annotated[float, Meta(gt=0)] = 1e-5, momentum: Annotated[float, Meta(ge=0, le=1)] = 0.1
    ) -> None:
        super().__init__()
        self.eps = eps
        self.momentum = momentum

    def build(self, input_shape: Shape) -> Shape:
        features = require_features("BatchNorm1d", input_shape)
        self.parameters = [Parameter("weight", (features,), fill=1.0), Parameter("bias", (features,))]
        self.buffers = {
            "running_mean": np.zeros(features, np.float32),
            "running_var": np.ones(features, np.float32),
            "num_batches_tracked": np.zeros((), np.int64),
        }
        return (features,)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        weight, bias = self.parameters
        batch = len(x)
        if training:
            mean, variance = x.mean(axis=0), x.var(axis=0)
            self._track(mean, variance, batch)
        else:
            mean = self.buffers["running_mean"].astype(x.dtype)
            variance = self.buffers["running_var"].astype(x.dtype)
        inverse = 1 / np.sqrt(variance + x.dtype.type(self.eps))
        normal = (x - mean) * inverse

        def backward(dy: Array) -> Array:
            np.sum(dy * normal, axis=0, out=weight.gradient)
            np.sum(dy, axis=0, out=bias.gradient)
            if not training:
                dx: Array = dy * (weight.value * inverse)
                return dx
            # The batch's own mean and variance depend on x: both terms take that part out again.
            through: Array = batch * dy - bias.gradient - normal * weight.gradient
            through *= weight.value * inverse / batch
            return through

        return normal * weight.value + bias.value, backward

    def _track(self, mean: Array, variance: Array, batch: int) -> None:
        self.buffers["num_batches_tracked"] += 1
        if batch > 1 and np.isfinite(variance).all():
            running_mean, running_var = self.buffers["running_mean"], self.buffers["running_var"]
            running_mean += self.momentum * (mean - running_mean)
            running_var += self.momentum * (variance * (batch / (batch - 1)) - running_var)
