"""Affine augmentation."""

from dataclasses import dataclass

from engine.augmentations.base import Augmentation, augmentations


@augmentations.register("affine")
@dataclass(kw_only=True)
class Affine(Augmentation):
    """Turned, moved, stretched along each axis and sheared: straight lines stay straight."""
