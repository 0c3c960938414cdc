"""Augmentations, a file each: how training samples are varied anew in every epoch."""

from engine.augmentations.base import Augmentation, augmentations, make_augmentation

__all__ = ["Augmentation", "augmentations", "make_augmentation"]
