from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine.augmentations import Augmentation, augmentations
from engine.datasets.base import Split
from engine.expressions import make_one
from engine.kernels.crew import Crew
from engine.losses import losses
from engine.model import Sequential
from engine.optimizers import optimizers
from engine.plain_step import Batch, PlainStep
from engine.stages.step import CompiledStep

COUNT = 50
"""Samples to choose batches from."""


class Network:
    """A model with all that a step needs, and random data. The same arguments make the same one, to the bit.

    In float64 it has the same weights and data, and rounds less.
    """

    def __init__(
        self,
        chain: str,
        shape: tuple[int, ...],
        *,
        classes: int = 3,
        loss: str = "cross_entropy",
        optimizer: str = "sgd",
        augment: str = "none",
        seed: int = 0,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        random = np.random.default_rng(seed)
        self.model = Sequential(chain, shape, seed=seed, dtype=dtype)
        for parameter in self.model.parameters.values():
            if len(parameter.shape) == 1:
                parameter.value[...] += random.normal(0, 0.3, parameter.shape).astype(np.float32)
        self.model.values[...] = self.model.values.astype(np.float32)
        for name, buffer in self.model.buffers.items():
            if "running" in name:
                buffer[...] = random.uniform(0.5, 2, buffer.shape)
        self.loss = make_one(loss, losses)
        self.optimizer = make_one(optimizer, optimizers)
        self.optimizer.start(self.model.values)
        self.augmentation: Augmentation | None = make_one(augment, augmentations)
        self.split = Split(random.normal(size=(COUNT, *shape)), random.integers(0, classes, COUNT))
        # A split has float32 alone: what a network of more digits gets is the same, and stays exact in its layers.
        object.__setattr__(self.split, "x", self.split.x.astype(dtype))

    def plain(self) -> PlainStep:
        return PlainStep(self.model, self.loss, self.optimizer, self.split, self.augmentation)

    def compiled(self, batch: int, crew: Crew) -> CompiledStep:
        return CompiledStep(self.model, self.loss, self.optimizer, self.split, self.augmentation, batch, crew)

    def batch(self, size: int, seed: int = 0, epoch: int = 0) -> Batch:
        """So many samples in some order."""
        return Batch(np.random.default_rng((seed, epoch, size)).permutation(COUNT)[:size], seed, epoch)

    def gathered(self, batch: Batch) -> np.ndarray:
        """What the first layer is to get."""
        if self.augmentation is None:
            return self.split.x[batch.chosen]
        return self.augmentation.vary(self.split.x, batch.chosen, seed=batch.seed, epoch=batch.epoch)

    @property
    def state(self) -> dict[str, Any]:
        """All that a step changes, to the bit."""
        arrays = {"values": self.model.values} | self.optimizer.moments | self.model.buffers
        draws = [layer.draws for layer in self.model.dropouts]
        return {name: array.tobytes() for name, array in arrays.items()} | {
            "steps": self.optimizer.steps,
            "draws": draws,
        }

    def become(self, other: "Network") -> None:
        """Weights, moments, running statistics and draws of another one, made with the same arguments."""
        self.model.values[...] = other.model.values
        for mine, theirs in (
            (self.optimizer.moments, other.optimizer.moments),
            (self.model.buffers, other.model.buffers),
        ):
            for name, array in mine.items():
                array[...] = theirs[name]
        self.optimizer.steps = other.optimizer.steps
        for layer, counterpart in zip(self.model.dropouts, other.model.dropouts, strict=True):
            layer.draws = counterpart.draws


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    with Crew(2) as crew:
        yield crew


@pytest.fixture(scope="session")
def network() -> Callable[..., Network]:
    return Network
