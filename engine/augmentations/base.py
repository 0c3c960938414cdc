"""What all augmentations have in common."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.arrays import Array
from engine.datasets.base import Dataset
from engine.errors import UserError
from engine.expressions import make_one
from engine.hyperparameters import tunable
from engine.kernels.augment import Ranges, vary_chosen
from engine.registry import Registry


@dataclass(kw_only=True)
class Augmentation:
    """Every epoch sees another variation of each training picture, a function of seed, epoch and the picture's place.

    So it is the same whatever the batches are, and resuming needs nothing of it. Each range is to both sides: rotation
    and shear in degrees, shift in pixels, scale as a share (0.12: from 1 / 1.12 to 1.12), shift and scale along each
    axis. What comes in from outside is black.

    The ranges are about those of Cireşan, Meier, Gambardella and Schmidhuber 2010, arXiv 1003.0358, for MNIST.
    """

    rotation: Annotated[float, Meta(ge=0, le=180)] = 12.0
    shift: Annotated[float, Meta(ge=0, le=1000)] = 2.0
    scale: Annotated[float, Meta(ge=0, le=4)] = 0.12
    shear: Annotated[float, Meta(ge=0, le=60)] = 8.0
    augment_intensity: float = tunable(
        1.0, low=0.0, high=2.0, scale="linear", help="factor on how far training samples are varied"
    )
    background: float = field(default=0.0, init=False)

    @property
    def ranges(self) -> Ranges:
        """How far a picture is varied with the present intensity."""
        factor = self.augment_intensity
        return Ranges(
            rotation=factor * math.radians(self.rotation),
            shift=factor * self.shift,
            scale=factor * math.log1p(self.scale),
            shear=factor * math.tan(math.radians(self.shear)),
            alpha=0.0,
            sigma=1.0,
        )

    def vary(self, samples: Array, chosen: Array, *, seed: int, epoch: int) -> Array:
        """This epoch's variations of samples[chosen], (batch, channels, height, width)."""
        varied = np.empty((len(chosen), *samples.shape[1:]), samples.dtype)
        vary_chosen(samples, chosen, seed, epoch, self.ranges, self.background, varied)
        return varied


augmentations: Registry[Callable[..., Augmentation | None]] = Registry("augmentation", __package__)


def make_augmentation(text: str, dataset: Dataset) -> Augmentation | None:
    """The augmentation of that text for a data set. Raises UserError where its samples are no pictures."""
    augmentation = make_one(text, augmentations)
    if augmentation is None:
        return None
    shape = dataset.input_shape
    if len(shape) != 3:
        raise UserError(f"--augment {text}: needs samples of (channels, height, width); {dataset.name} has {shape}")
    augmentation.background = float(-dataset.input_mean / dataset.input_std)
    return augmentation
