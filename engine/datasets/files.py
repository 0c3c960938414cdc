"""Files that a user names: what may be opened, and how much may come out of it."""

import os
import stat
from gzip import GzipFile
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from engine.arrays import Array
from engine.datasets.base import DataError

MAX_BYTES = 13 << 26
"""Of all arrays of a data set, as they are read and as they are trained on: a gibibyte less what Python takes."""

FLOAT32 = 4
"""Bytes of a value that is trained on."""

ANSWER = 64
"""Bytes that an answer takes on its way to a class: it is sorted and counted in 64 bits."""

MAX_RATIO = 100
"""Unpacked bytes for each packed one. Digits have 5, a page that is nearly blank 40, nothing but zeros 1,000."""

SUSPICIOUS = 1 << 24
"""Unpacked bytes from which on the ratio counts."""

PIECE = 1 << 20
"""Bytes that are unpacked at a time."""


def open_file(path: str | os.PathLike[str], expected: str) -> BinaryIO:
    """A file open for reading in bytes. Raises DataError where there is none, or a folder, a pipe or a device."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):
            return Path(path).open("rb")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or one_line(error)}; expected {expected}") from None
    except ValueError as error:  # a name with a zero byte in it
        raise DataError(f"{path}: {one_line(error)}; expected {expected}") from None
    # To open a pipe would wait for somebody to write into it; a device may never end.
    raise DataError(f"{path}: is {'a folder' if stat.S_ISDIR(mode) else 'no regular file'}; expected {expected}")


class Room:
    """What is left of `MAX_BYTES` for one data set."""

    def __init__(self) -> None:
        self._left = MAX_BYTES

    def take(self, path: object, count: int, size: int) -> None:
        """Set room aside for so many values. Raises DataError where there is too little.

        size: bytes of each, those it is read as and those it becomes, which are in memory together.
        """
        if count * size > self._left:
            need = f"announces {count:,} values, which take {count * size:,} bytes of memory"
            raise DataError(f"{path}: {need}; expected at most {self._left:,}")
        self._left -= count * size


def require_ratio(path: object, size: int, packed: int) -> None:
    """Raise DataError for little data that pretends to be much: so many bytes, from so many packed ones."""
    if size > SUSPICIOUS and size > MAX_RATIO * packed:
        raise DataError(f"{path}: {packed:,} bytes unpack to {size:,}; expected at most {MAX_RATIO} times as many")


def read_into(file: IO[bytes] | GzipFile, values: Array) -> int:
    """Fill an array from a stream, a piece at a time, so that unpacking makes no second copy; the bytes that came."""
    room = values.reshape(-1).view(np.uint8) if values.size else np.empty(0, np.uint8)
    count = 0
    while piece := file.read(min(PIECE, room.size - count)):
        room[count : count + len(piece)] = np.frombuffer(piece, np.uint8)
        count += len(piece)
    return count


def one_line(error: BaseException) -> str:
    """What an error says, without its line breaks."""
    return " ".join(str(error).split()) or type(error).__name__
