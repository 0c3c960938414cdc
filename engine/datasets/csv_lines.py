"""The lines of a file of separated values: bounded, counted, taken apart into fields."""

import csv
import math
import os
import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from engine.datasets.base import DataError
from engine.datasets.files import one_line

SEPARATORS = ",;\t|"
MAX_LINE_BYTES = 1 << 22
QUOTED = 30
"""Characters of a file that an error shows."""

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}
"""What stands where there is no value, in small letters."""


class CsvLines:
    """Iterates over the lines that are not blank; `at` is the number of the last one, from 1 on, as an editor counts.

    The separator is the most frequent one of the first line, outside quotes. Raises DataError for what
    is no text, or has no end.
    """

    def __init__(self, path: str | os.PathLike[str], file: BinaryIO) -> None:
        self.at = 0
        self.separator = ","
        self._path = path
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        while line := self._read():
            self.at += 1
            if self.at == 1:
                if line.startswith((b"\xff\xfe", b"\xfe\xff")):
                    self.refuse("is UTF-16", "text in UTF-8")
                line = line.removeprefix(b"\xef\xbb\xbf")
                self.separator = max(SEPARATORS, key=re.sub(r'"[^"]*"', "", line.decode("latin-1")).count)
            if b"\r" in line.rstrip(b"\r\n"):
                self.refuse("has a CR within it, which ended the lines of old Macs", "lines that end in LF or CRLF")
            if len(line) > MAX_LINE_BYTES:
                self.refuse("goes on and on", f"a line break within {MAX_LINE_BYTES:,} bytes")
            if b"\0" in line:
                self.refuse("has a zero byte", "text in UTF-8")
            if not line.isspace():
                yield line

    def _read(self) -> bytes:
        try:
            return self._file.readline(MAX_LINE_BYTES + 1)
        except OSError as error:
            raise DataError(f"{self._path}: {error.strerror}; expected a file that can be read") from None

    def fields(self, line: bytes) -> list[str]:
        """The values of the present line, without the blanks around them."""
        try:
            reader = csv.reader([line.decode().rstrip("\r\n")], delimiter=self.separator, strict=True)
            return [field.strip() for field in next(reader)]
        except UnicodeDecodeError as error:
            self.refuse(f"has the byte 0x{line[error.start]:02x}", "text in UTF-8")
        except csv.Error as error:
            self.refuse(f"cannot be read ({one_line(error)})", "values with separators between them, in closed quotes")

    def refuse(self, found: str, expected: str) -> NoReturn:
        """Raise the DataError for the present line."""
        raise DataError(f"{self._path}: line {self.at} {found}; expected {expected}")


def is_number(field: str) -> bool:
    """Whether it is a number as other programs write one: 1, -0.5, 3e8; not nan, inf or 1_000."""
    try:
        return math.isfinite(float(field)) and "_" not in field
    except ValueError:
        return False


def is_missing(field: str) -> bool:
    """Whether it stands for no value."""
    return field.lower() in MISSING


def quoted(field: str) -> str:
    """A field for an error: cut, in quotes."""
    return repr(field if len(field) <= QUOTED else field[:QUOTED] + "…")
