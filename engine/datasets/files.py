"""Files that a user names: what may be opened, and how much may come out of it."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from engine.datasets.base import DataError

MAX_VALUES = 1 << 28
"""Numbers in one array: as float32 a gibibyte. Ten thousand times less than a hostile header announces."""

MAX_RATIO = 100
"""Unpacked bytes for each packed one. Digits have 5, a page that is nearly blank 40, nothing but zeros 1,000."""

SUSPICIOUS = 1 << 24
"""Unpacked bytes from which on the ratio counts."""


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


def require_room(path: object, count: int, size: int, packed: int) -> None:
    """Raise DataError for an array too large to be held, or for little data that pretends to be much.

    count: numbers in it; size: their bytes; packed: those that they take in the file.
    """
    if count > MAX_VALUES:
        raise DataError(f"{path}: announces {count:,} numbers; expected at most {MAX_VALUES:,}")
    if size > SUSPICIOUS and size > MAX_RATIO * packed:
        raise DataError(
            f"{path}: {packed:,} bytes unpack to {size:,}; expected data that shrink to no less than 1/{MAX_RATIO}"
        )


def one_line(error: BaseException) -> str:
    """What an error says, without its line breaks."""
    return " ".join(str(error).split()) or type(error).__name__
