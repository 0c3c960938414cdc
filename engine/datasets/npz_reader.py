"""NumPy's .npz: a zip archive of arrays, read without trusting what it announces."""

import io
import math
import os
import warnings
import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from engine.arrays import Array
from engine.datasets.base import DataError
from engine.datasets.files import ANSWER, FLOAT32, Room, one_line, open_file, read_into, require_ratio

MAX_HEADER = 1 << 16
MAX_DIRECTORY = 1 << 20
"""Bytes of an archive's list of contents."""

MAX_TEXT = 1024
"""Bytes of a text that names a class."""

COPIES = 8
"""Of a text, on its way to a class: sorted, counted, and with four bytes a letter."""

END, END_SIZE, COMMENT = b"PK\5\6", 22, 1 << 16

DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, OSError)
"""What reading a damaged or encrypted archive raises."""


class NpzArrays:
    """The arrays of a file, by name. Nothing is unpacked before its header was judged; pickles are refused."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._room = Room()
        self._file = open_file(path, "an .npz file")
        try:
            self._archive = self._open(self._file)
        except BaseException:
            self._file.close()
            raise
        self.names = {name.removesuffix(".npy") for name in self._archive.namelist() if name.endswith(".npy")}

    def __enter__(self) -> "NpzArrays":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()
        self._file.close()

    def read(self, name: str, *, text: bool = False) -> Array:
        """The array of that name: inputs, or answers, which may be `text`. Raises DataError for what is damaged."""
        where = f"{self._path}: {name}"
        try:
            return self._read(where, self._archive.getinfo(f"{name}.npy"), text)
        except DataError:
            raise
        except DAMAGES as error:
            raise DataError(f"{where} is damaged ({one_line(error)}); expected an array as NumPy saves it") from None

    def _open(self, file: BinaryIO) -> zipfile.ZipFile:
        try:
            size = file.seek(0, os.SEEK_END)
            file.seek(-min(size, END_SIZE + COMMENT), os.SEEK_END)
            _, end, tail = file.read().rpartition(END)
            # zipfile takes in the whole list of contents: a list of millions would be gigabytes.
            if end and int.from_bytes(tail[8:12], "little") > MAX_DIRECTORY:
                raise DataError(f"{self._path}: lists over {MAX_DIRECTORY:,} bytes of contents; expected a few arrays")
            return zipfile.ZipFile(file)
        except DataError:
            raise
        except DAMAGES as error:
            raise DataError(f"{self._path}: no .npz file ({one_line(error)}); expected one of numpy.savez") from None

    def _read(self, where: str, info: zipfile.ZipInfo, text: bool) -> Array:
        with self._archive.open(info) as member:
            head = io.BytesIO(member.read(MAX_HEADER))
        shape, fortran, dtype = read_header(head)
        if dtype.hasobject or dtype.kind not in ("biufUS" if text else "biuf") or dtype.itemsize > MAX_TEXT:
            raise DataError(f"{where} is of the type {dtype}; expected numbers{' or text' if text else ''}")
        count = math.prod(shape)
        size = count * dtype.itemsize
        self._room.take(where, count, COPIES * dtype.itemsize + ANSWER if text else dtype.itemsize + FLOAT32)
        require_ratio(where, size, info.compress_size)
        if size != info.file_size - head.tell():
            found = f"{info.file_size - head.tell():,} bytes of values"
            raise DataError(f"{where} has {found}; expected {size:,} for {dtype} {shape}")
        values = np.empty(count, dtype)
        with self._archive.open(info) as member:
            member.read(head.tell())
            came = read_into(member, values)
            # Reading on to the end is also what makes zipfile compare its checksum.
            if came < size or member.read(1):
                raise DataError(f"{where} ends after {came:,} bytes of values; expected {size:,} for {dtype} {shape}")
        if not dtype.isnative:
            values = values.byteswap(inplace=True).view(dtype.newbyteorder("="))
        return values.reshape(shape[::-1]).T if fortran else values.reshape(shape)


def read_header(head: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, order and type of the array whose file begins here. Raises ValueError or EOFError."""
    version = npy.read_magic(head)
    reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if reader is None:
        raise ValueError(f"version {version} of the format")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a header written by Python 2
        try:
            shape, fortran, dtype = reader(head)
        except (ValueError, EOFError):
            raise
        except Exception as error:  # it evaluates what the file holds: many kinds of nonsense, many kinds of error
            raise ValueError(one_line(error)) from None
    if any(length < 0 for length in shape):
        raise ValueError(f"the shape {shape}")
    return shape, fortran, dtype
