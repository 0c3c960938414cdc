"""Elastic augmentation."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from engine.augmentations.base import Augmentation, augmentations
from engine.kernels.augment import Ranges


@augmentations.register("elastic")
@dataclass(kw_only=True)
class Elastic(Augmentation):
    """Affine, and bent: each pixel is moved by alpha times noise in ±1 that a Gaussian of sigma pixels smoothes.

    Simard, Steinkraus and Platt 2003, section 2, whose 34 and 4 are for MNIST: 1.4 pixels in the mean square along
    each axis. It turns and moves parts of a picture already, so the whole is moved less than by `affine`.
    """

    alpha: Annotated[float, Meta(ge=0, le=10_000)] = 34.0
    sigma: Annotated[float, Meta(ge=0.5, le=1000)] = 4.0
    rotation: Annotated[float, Meta(ge=0, le=180)] = 5.0
    shift: Annotated[float, Meta(ge=0, le=1000)] = 1.0
    scale: Annotated[float, Meta(ge=0, le=4)] = 0.05
    shear: Annotated[float, Meta(ge=0, le=60)] = 3.0

    @property
    def ranges(self) -> Ranges:
        return super().ranges._replace(alpha=self.augment_intensity * self.alpha, sigma=self.sigma)
