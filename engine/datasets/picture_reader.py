"""Pictures in files: PNG and JPEG, by Pillow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import DataError
from engine.datasets.files import one_line, open_file

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

FORMATS = ("PNG", "JPEG")
SUFFIXES = (".png", ".jpg", ".jpeg")

MAX_PIXELS = 1 << 26
"""Of one picture: more than a camera has, and 200 MB in colour."""

DEEP = ("I", "I;16", "I;16B", "I;16L")
"""Pillow's modes of 16 bits a pixel, which it would cut off at 255."""

GREY = ("1", "L", "LA", *DEEP)
"""Those without colour."""


class Kind(NamedTuple):
    """What pictures are: their size, and whether they have colour."""

    width: int
    height: int
    grey: bool


def read_kind(path: Path) -> Kind:
    """That of a file, by its head alone. Raises DataError for what is no picture, or too large."""
    with open_picture(path) as picture:
        return Kind(picture.width, picture.height, picture.mode in GREY)


def read_picture(path: Path, kind: Kind) -> NDArray[np.uint8]:
    """(channels, height, width) of that kind, whatever the file has: resized, made grey. Raises DataError."""
    with open_picture(path) as picture:
        return convert(picture, kind)


def convert(picture: "Image", kind: Kind) -> NDArray[np.uint8]:
    """The pixels of an open picture as (channels, height, width) of that kind."""
    from PIL import Image

    if picture.mode in DEEP:
        picture = Image.fromarray((np.asarray(picture).astype(np.int64).clip(0, 65535) >> 8).astype(np.uint8))
    picture = picture.convert("L" if kind.grey else "RGB")
    if picture.size != (kind.width, kind.height):
        picture = picture.resize((kind.width, kind.height), Image.Resampling.BILINEAR)
    values = np.asarray(picture)
    return values[np.newaxis] if kind.grey else np.moveaxis(values, -1, 0)


@contextmanager
def open_picture(path: Path) -> "Iterator[ImageFile]":
    """A PNG or JPEG file of moderate size; what goes wrong while it is open is damage. Raises DataError."""
    # Not above: it takes as long to load as all else that reads data, and few runs need it.
    from PIL import Image, UnidentifiedImageError

    with open_file(path, "a PNG or JPEG picture") as file:
        try:
            with Image.open(file, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    size = f"{picture.width}x{picture.height}"
                    raise DataError(f"{path}: a picture of {size}; expected at most {MAX_PIXELS:,} pixels")
                yield picture
        except DataError:
            raise
        except UnidentifiedImageError:
            raise DataError(f"{path}: no PNG or JPEG picture; expected one, or another file name") from None
        except Exception as error:  # its decoders meet what nobody foresaw: many kinds of damage, many kinds of error
            raise DataError(f"{path}: damaged ({one_line(error)}); expected a PNG or JPEG picture") from None
