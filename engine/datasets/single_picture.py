"""One picture to be predicted: PNG, JPEG or .npy, of any size."""

import io
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape
from engine.datasets.base import DataError
from engine.datasets.files import one_line, open_file, read_into
from engine.datasets.npz_reader import MAX_HEADER, read_header
from engine.datasets.picture_reader import DEEP, Kind, convert, open_picture

if TYPE_CHECKING:
    from PIL.Image import Image

ARRAY_SUFFIX = ".npy"

SHORTER, LONGER = 768, 2048
"""Sides of the grey picture at most: a digit is read from 28 pixels, and a number is a long picture."""

MAX_VALUES = 1 << 25
"""Of an array: a picture of 11 megapixels in colour."""

BAND = 1 << 20
"""Pixels that are made grey at a time, so that no second copy of a large picture is needed."""

ALIKE = 0.02
"""Deviation of the visible grey levels below which a picture is one colour, and its transparency is what was drawn."""


def read_grey(path: Path) -> NDArray[np.float32]:
    """(height, width) of grey levels, 0 black to 1 white, upright, no larger than needed. Raises DataError."""
    if path.suffix.lower() == ARRAY_SUFFIX:
        values = _read_array(path)
        channels = _channels_first(path, values)
        grey: NDArray[np.float32] = channels.mean(axis=0, dtype=np.float32)
        return _reduced(grey)
    with open_picture(path) as picture:
        # A decoder of JPEG can leave out what would be averaged away.
        picture.draft("L", (LONGER // 2, LONGER // 2))
        return _grey(picture)


def read_sized(path: Path, shape: Shape) -> NDArray[np.float32]:
    """A picture as a network takes it, 0..1, in its (channels, height, width), as `folder:` would. Raises DataError."""
    channels, height, width = shape
    if channels not in (1, 3):
        raise DataError(f"{path}: the network takes {channels} channels; expected 1 or 3")
    kind = Kind(width, height, channels == 1)
    if path.suffix.lower() == ARRAY_SUFFIX:
        values = _read_array(path)
        if values.shape == shape or values.shape == (math.prod(shape),):
            return values.reshape(shape)
        return _sized(_channels_first(path, values), kind)
    with open_picture(path) as picture:
        return convert(picture, kind).astype(np.float32) / np.float32(255)


def _grey(picture: "Image") -> NDArray[np.float32]:
    from PIL import Image, ImageOps

    deep = picture.mode in DEEP
    transparent = picture.has_transparency_data and not deep
    mode = "F" if deep else "LA" if transparent else "L"
    width, height = picture.size
    factor = _factor(height, width)
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = max(1, BAND // (width * factor)) * factor
    white = 1.0 if deep else 255.0
    for top in range(0, height, rows):
        band = picture.crop((0, top, width, min(top + rows, height)))
        if deep:
            levels = np.asarray(band).astype(np.float32)
            # Twelve bits in sixteen are common: white is the largest level that is there.
            white = max(white, float(levels.max()))
            band = Image.fromarray(levels)
        else:
            band = band.convert(mode)
        small.paste(band.reduce(factor), (0, top // factor))
    small.info = picture.info  # which may say how it is to be turned
    values = np.asarray(ImageOps.exif_transpose(small), np.float32) / np.float32(white)
    return _on_paper(values[..., 0], values[..., 1]) if transparent else values.clip(0)


def _on_paper(grey: NDArray[np.float32], alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """A transparent picture on what it was meant for: its own commonest grey, or the contrary of all that it shows."""
    visible = grey[alpha > 0.5]
    if not visible.size:
        return np.ones_like(grey)
    paper = np.float32(np.median(visible))
    if visible.std() < ALIKE:
        paper = np.float32(paper < 0.5)
    blended: NDArray[np.float32] = alpha * grey + (1 - alpha) * paper
    return blended


def _read_array(path: Path) -> NDArray[np.float32]:
    """Numbers as pixels in 0..1: bytes, or floats up to 1 or up to 255. Raises DataError."""
    with open_file(path, "a picture in a .npy file") as file:
        try:
            head = io.BytesIO(file.read(MAX_HEADER))
            shape, fortran, dtype = read_header(head)
            file.seek(head.tell())
        except (ValueError, EOFError, OSError) as error:
            raise DataError(f"{path}: no .npy file ({one_line(error)}); expected one of numpy.save") from None
        if dtype.kind not in "biuf":
            raise DataError(f"{path}: is of the type {dtype}; expected numbers")
        count = math.prod(shape)
        size = os.fstat(file.fileno()).st_size - file.tell()
        if size != count * dtype.itemsize:
            raise DataError(f"{path}: has {size:,} bytes of values; expected {count * dtype.itemsize:,}")
        if count > MAX_VALUES:
            raise DataError(f"{path}: has {count:,} values; expected at most {MAX_VALUES:,}, the pixels of a picture")
        values: Array = np.empty(count, dtype)
        read_into(file, values)
    with np.errstate(over="ignore"):
        pixels = values.astype(np.float32)
    if not pixels.size or not np.isfinite(pixels).all():
        found = "values that are no numbers" if pixels.size else "no values"
        raise DataError(f"{path}: has {found}; expected pixels of 0 to 255 or 0 to 1")
    low, high = float(pixels.min()), float(pixels.max())
    if low < 0 or high > 255:
        raise DataError(f"{path}: has values from {low:g} to {high:g}; expected pixels of 0 to 255 or 0 to 1")
    if dtype.kind in "iu" or high > 1:
        pixels /= 255
    return pixels.reshape(shape[::-1]).T if fortran else pixels.reshape(shape)


def _channels_first(path: Path, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(channels, height, width) of an array that is a picture. Raises DataError."""
    while values.ndim > 3 and values.shape[0] == 1:
        values = values[0]
    if values.ndim == 2:
        return values[np.newaxis]
    if values.ndim == 3 and values.shape[0] in (1, 3):
        return values
    if values.ndim == 3 and values.shape[2] in (1, 3):
        return np.moveaxis(values, 2, 0)
    raise DataError(
        f"{path}: has the shape {values.shape}; expected one picture, (height, width) or with 1 or 3 channels"
    )


def _sized(channels: NDArray[np.float32], kind: Kind) -> NDArray[np.float32]:
    from PIL import Image

    if kind.grey:
        channels = channels.mean(axis=0, keepdims=True)
    elif len(channels) == 1:
        channels = np.repeat(channels, 3, axis=0)
    if channels.shape[1:] == (kind.height, kind.width):
        return channels
    size = (kind.width, kind.height)
    planes = (Image.fromarray(np.ascontiguousarray(plane, np.float32)) for plane in channels)
    return np.stack([np.asarray(plane.resize(size, Image.Resampling.BILINEAR)) for plane in planes])


def _factor(height: int, width: int) -> int:
    """By how much a picture may be made smaller and keep what is needed of it."""
    return max(1, -(-min(height, width) // SHORTER), -(-max(height, width) // LONGER))


def _reduced(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    from PIL import Image

    factor = _factor(*grey.shape)
    if factor == 1:
        return grey
    return np.asarray(Image.fromarray(np.ascontiguousarray(grey)).reduce(factor), np.float32)
