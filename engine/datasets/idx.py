"""The IDX file format of MNIST and its relatives, plain or gzip-compressed."""

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import DataError
from engine.datasets.files import FLOAT32, Room, one_line, open_file, read_into, require_ratio

UNSIGNED_BYTE = 8
MAX_DIMENSIONS = 4
GZIP_MAGIC = b"\x1f\x8b"


def read_idx(path: str | os.PathLike[str], room: Room | None = None) -> NDArray[np.uint8]:
    """The array of an IDX file: two zero bytes, type, number of dimensions, each as big-endian uint32, values.

    Never reads more than a byte beyond what the header promises, nor what `room` has no place for. Raises DataError
    for a file that is damaged.
    """
    path, room = Path(path), room or Room()
    try:
        with open_file(path, "an IDX file") as file:
            compressed = file.read(2) == GZIP_MAGIC
            packed = file.seek(0, os.SEEK_END)
            file.seek(0)
            if not compressed:
                return _read(file, path, None, room)
            with gzip.GzipFile(fileobj=file) as decompressed:
                return _read(decompressed, path, packed, room)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path}: damaged gzip data ({one_line(error)}); expected a complete IDX file") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or one_line(error)}; expected an IDX file") from error


def _read(file: BinaryIO | gzip.GzipFile, path: Path, packed: int | None, room: Room) -> NDArray[np.uint8]:
    shape = _read_shape(file, path)
    # Zero-sized dimensions do not excuse the others: NumPy refuses them later, and in worse words.
    announced = math.prod(max(length, 1) for length in shape)
    room.take(path, announced, 1 + FLOAT32)
    if packed is not None:
        require_ratio(path, announced, packed)
    size = math.prod(shape)
    values = np.empty(size, np.uint8)
    count = read_into(file, values)
    if count < size:
        raise DataError(f"{path}: only {count} bytes of values; expected {size} for {shape}")
    # Reading on to the end is also what makes gzip compare its checksum.
    if file.read(1):
        raise DataError(f"{path}: more bytes follow the values; expected {size} for {shape}")
    return values.reshape(shape)


def _read_shape(file: BinaryIO | gzip.GzipFile, path: Path) -> tuple[int, ...]:
    magic = file.read(4)
    if len(magic) < 4:
        raise DataError(f"{path}: only {len(magic)} bytes; expected an IDX header")
    if magic[:2] != b"\0\0":
        raise DataError(f"{path}: starts with 0x{magic.hex()}; expected an IDX header, which starts with 0x0000")
    if magic[2] != UNSIGNED_BYTE:
        raise DataError(f"{path}: holds values of IDX type 0x{magic[2]:02x}; expected 0x08, unsigned bytes")
    if not 1 <= magic[3] <= MAX_DIMENSIONS:
        raise DataError(f"{path}: the header announces {magic[3]} dimensions; expected 1 to {MAX_DIMENSIONS}")
    lengths = file.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise DataError(f"{path}: ends within the header; expected {magic[3]} dimensions")
    return tuple(np.frombuffer(lengths, ">u4").tolist())
