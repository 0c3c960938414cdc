"""Dropout."""

from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.arrays import Array
from engine.kernels.draws import seed_keys
from engine.kernels.dropout import dropout
from engine.layers.base import Backward, Layer, layers


@layers.register("Dropout")
class Dropout(Layer):
    """In training y = x / (1 - p) with probability 1 - p, else 0; otherwise y = x.   Any shape.

    Srivastava et al. 2014 (JMLR 15), scaled in training as PyTorch does. Each training pass draws a new mask, a
    function of `seed` and the number of draws before it, which a checkpoint keeps: a resumed run draws the same.
    """

    def __init__(self, p: Annotated[float, Meta(ge=0, le=1)] = 0.5) -> None:
        super().__init__()
        self.p = p
        self.seed = 0
        self.draws = 0

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        if not training:
            return x, lambda dy: dy
        (key,), threshold, scale = self.draw()

        def masked(values: Array) -> Array:
            return self.drop(values, key, threshold, values.dtype.type(scale))

        return masked(x), masked

    def draw(self, passes: int = 1) -> tuple[NDArray[np.uint64], np.uint64, float]:
        """The masks of the next passes: their keys, below which 24-bit draw a number is kept, the factor on what is."""
        keys = np.empty(passes, np.uint64)
        seed_keys(np.uint64(self.seed), np.uint64(self.draws), keys)
        self.draws += passes
        return keys, np.uint64(round((1 - self.p) * 2**24)), 1 / (1 - self.p) if self.p < 1 else 0.0

    def drop(self, values: Array, key: np.uint64, threshold: np.uint64, scale: float) -> Array:
        """Each number times `scale`, or 0 where its draw says so."""
        result = np.empty(values.shape, values.dtype)
        dropout(values.reshape(-1), key, threshold, scale, result.reshape(-1))
        return result
