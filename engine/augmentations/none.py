"""No augmentation."""

from engine.augmentations.base import augmentations


@augmentations.register("none")
def none() -> None:
    """Samples as they are, in every epoch."""
