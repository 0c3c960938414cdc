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

UNSIGNED_BYTE = 8
MAX_DIMENSIONS = 4
MAX_BYTES = 1 << 30
GZIP_MAGIC = b"\x1f\x8b"


def read_idx(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """The array of an IDX file: two zero bytes, type, number of dimensions, each as big-endian uint32, values.

    Never reads more than a byte beyond what the header promises. Raises DataError for a file that is damaged.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == GZIP_MAGIC
            file.seek(0)
            if not compressed:
                return _read(file, path)
            with gzip.GzipFile(fileobj=file) as decompressed:
                return _read(decompressed, path)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path}: damaged gzip data ({_one_line(error)}); expected a complete IDX file") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or _one_line(error)}; expected an IDX file") from error


def _read(file: BinaryIO | gzip.GzipFile, path: Path) -> NDArray[np.uint8]:
    shape = _read_shape(file, path)
    size = math.prod(shape)
    # Zero-sized dimensions do not excuse the others: NumPy refuses them later, and in worse words.
    if math.prod(max(length, 1) for length in shape) > MAX_BYTES:
        raise DataError(f"{path}: the header announces {shape}; expected at most {MAX_BYTES} bytes")
    values = file.read(size)
    if len(values) < size:
        raise DataError(f"{path}: only {len(values)} bytes of values; expected {size} for {shape}")
    # Reading on to the end is also what makes gzip compare its checksum.
    if file.read(1):
        raise DataError(f"{path}: more bytes follow the values; expected {size} for {shape}")
    return np.frombuffer(values, np.uint8).reshape(shape)


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


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
