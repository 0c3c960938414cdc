"""Pictures of floats in other sizes."""

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array


def resized(picture: Array, height: int, width: int, *, soft: bool = False) -> NDArray[np.float32]:
    """Averaged where it becomes smaller, interpolated (bicubic, which keeps edges where they are) where larger.

    soft: averaged over twice the width, nearer pixels for more: MNIST's edges look like that.
    """
    from PIL import Image

    if (height, width) == picture.shape:
        return picture.astype(np.float32)
    smaller = height * width < picture.size
    shrinking = Image.Resampling.BILINEAR if soft else Image.Resampling.BOX
    way = shrinking if smaller else Image.Resampling.BICUBIC
    # Pillow wants rows that lie one behind the other.
    source = Image.fromarray(np.ascontiguousarray(picture, np.float32))
    return np.asarray(source.resize((width, height), way), np.float32)


def limited(picture: Array, shorter: int, longer: int) -> NDArray[np.float32]:
    """The picture, made smaller where its sides are longer than these."""
    height, width = picture.shape
    factor = min(1.0, shorter / min(height, width), longer / max(height, width))
    return resized(picture, max(1, round(height * factor)), max(1, round(width * factor)))
