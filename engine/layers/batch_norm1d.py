"""Batch normalization of vectors."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.arrays import Array, Shape
from engine.layers.base import Backward, Layer, layers, require_features
from engine.parameters import Parameter, require_memory


@layers.register("BatchNorm1d")
class BatchNorm1d(Layer):
    """y = weight (x - mean) / sqrt(variance + eps) + bias, by feature.   x: (batch, features).

    Ioffe and Szegedy 2015, arXiv 1502.03167. Training takes mean and (biased) variance from the batch and moves the
    running ones, with the unbiased variance, by `momentum`; otherwise the running ones are used.
    A batch of one has no variance: it moves no running one, nor does a batch that is not finite.
    """

    def __init__(
        self, *, eps: Annotated[float, Meta(gt=0)] = 1e-5, momentum: Annotated[float, Meta(ge=0, le=1)] = 0.1
    ) -> None:
        super().__init__()
        self.eps = eps
        self.momentum = momentum

    def build(self, input_shape: Shape) -> Shape:
        self.declare(require_features("BatchNorm1d", input_shape))
        return input_shape

    def declare(self, features: int) -> None:
        """Parameters and buffers for so many features."""
        require_memory(2 * features)
        self.parameters = [Parameter("weight", (features,), fill=1.0), Parameter("bias", (features,))]
        self.buffers = {
            "running_mean": np.zeros(features, np.float32),
            "running_var": np.ones(features, np.float32),
            "num_batches_tracked": np.zeros((), np.int64),
        }

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        weight, bias = self.parameters
        # All but the features: of pictures, height and width are so many more samples.
        axes = (0, *range(2, x.ndim))
        count = x.size // x.shape[1]
        if training:
            mean, variance = x.mean(axis=axes), x.var(axis=axes)
            self.track(mean, variance, count)
        else:
            mean = self.buffers["running_mean"].astype(x.dtype)
            variance = self.buffers["running_var"].astype(x.dtype)
        inverse = 1 / np.sqrt(variance + x.dtype.type(self.eps))

        def along(values: Array) -> Array:
            return values.reshape(-1, *(1,) * (x.ndim - 2))

        normal = (x - along(mean)) * along(inverse)

        def backward(dy: Array) -> Array:
            np.sum(dy * normal, axis=axes, out=weight.gradient)
            np.sum(dy, axis=axes, out=bias.gradient)
            if not training:
                dx: Array = dy * along(weight.value * inverse)
                return dx
            # The batch's own mean and variance depend on x: both terms take that part out again.
            through: Array = count * dy - along(bias.gradient) - normal * along(weight.gradient)
            through *= along(weight.value * inverse / count)
            return through

        return normal * along(weight.value) + along(bias.value), backward

    def track(self, mean: Array, variance: Array, count: int) -> None:
        """Move the running statistics towards those of a batch of `count` numbers for each feature."""
        self.buffers["num_batches_tracked"] += 1
        if count > 1 and np.isfinite(variance).all():
            running_mean, running_var = self.buffers["running_mean"], self.buffers["running_var"]
            running_mean += self.momentum * (mean - running_mean)
            running_var += self.momentum * (variance * (count / (count - 1)) - running_var)
