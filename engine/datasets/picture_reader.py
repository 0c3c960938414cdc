"""Pictures in files: PNG and JPEG, by Pillow."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

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
"""Of one picture: more than a camera has."""

MAX_WORK = 1 << 27
"""Bytes that a decoder puts out, each once or several times over: about a second of its time."""

SCANS = 10
"""Of a progressive JPEG file; so many of them cost as much as unpacking a PNG file of that size."""

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
        picture = Image.fromarray((np.asarray(picture).clip(0, 65535) >> 8).astype(np.uint8))
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

    with open_file(path, "a PNG or JPEG picture") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, on what it reads all the same
        try:
            with Image.open(file, formats=FORMATS) as picture:
                _require_bounds(path, picture, file)
                yield picture
        except DataError:
            raise
        except UnidentifiedImageError:
            raise DataError(f"{path}: no PNG or JPEG picture; expected one, or another file name") from None
        except Image.DecompressionBombError as error:
            raise DataError(f"{path}: {one_line(error)}; expected at most {MAX_PIXELS:,} pixels") from None
        except Exception as error:  # its decoders meet what nobody foresaw: many kinds of damage, many kinds of error
            raise DataError(f"{path}: damaged ({one_line(error)}); expected a PNG or JPEG picture") from None


def _require_bounds(path: Path, picture: "ImageFile", file: BinaryIO) -> None:
    """Raise DataError, before anything is decoded, for what would take too much memory or time."""
    pixels = picture.width * picture.height
    size = f"{path}: a picture of {picture.width}x{picture.height}"
    if pixels > MAX_PIXELS:
        raise DataError(f"{size}, {pixels:,} pixels; expected at most {MAX_PIXELS:,}")
    work = pixels * len(picture.getbands())
    if picture.format == "JPEG":
        # One scan is decoded in the size that is asked for, which costs little; several are all kept, and gone through.
        scans = _count_scans(file)
        work = pixels if scans < 2 else work * scans // SCANS
        about = f"{size} in {scans} scans"
    else:
        work *= 2 if "16" in str(picture.tile[0].args) else 1
        about = size
    if work > MAX_WORK:
        raise DataError(f"{about}, which is as much as {work:,} bytes to decode; expected at most {MAX_WORK:,}")


def _count_scans(file: BinaryIO) -> int:
    """Headers of scans in a JPEG file: what is compressed never has their marker in it."""
    place = file.tell()
    file.seek(0)
    count, last = 0, b""
    while piece := file.read(1 << 20):
        count += (last + piece).count(b"\xff\xda")
        last = piece[-1:]
    file.seek(place)
    return count
