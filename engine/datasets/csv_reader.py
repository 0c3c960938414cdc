"""Tables as text: comma-separated values and their kin."""

import os
from array import array
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from engine.arrays import Array
from engine.datasets.answers import number_name
from engine.datasets.base import DataError
from engine.datasets.csv_lines import CsvLines, is_missing, is_number, quoted
from engine.datasets.files import open_file

MAX_NUMBERS = 1 << 26
"""In one file: half a gibibyte of float64. More belongs into a file that need not be read as text."""

USUAL = ("label", "class", "target")
"""Names, in any letters, of the column that has the answers where none is named."""


class Table(NamedTuple):
    """x: (rows, features) and y: (rows,), float64 and finite; y has places in `texts` where the answers are text.

    `chosen` says which column has the answers where nobody had named it: "that is the last".
    """

    x: Array
    y: Array
    feature_names: tuple[str, ...]
    answer_name: str
    answer_column: int
    texts: tuple[str, ...]
    header: bool
    chosen: str


class _Columns(NamedTuple):
    """What the columns of a file are; `dropped` are those that are no features, last to first."""

    names: list[str]
    answer: int
    dropped: list[int]
    header: bool
    chosen: str

    def label(self, column: int) -> str:
        """How an error calls a column: "column 3 (age)"."""
        name = self.names[column]
        return f"column {column + 1}{f' ({name})' if name else ''}"


def read_csv(
    path: str | os.PathLike[str],
    *,
    answer: str | None = None,
    text: bool = True,
    skip: Sequence[str] = (),
    header: bool | None = None,
) -> Table:
    """The table of a file. All columns are numbers but the one of the answers, which may be text unless `text` forbids.

    A column is named by its header, by its number from 1 on, or as "first" or "last". Without `answer` it is the one
    called label, class or target, else the only one of text, else the last. Columns of `skip` are left out.

    Comma, semicolon, tab or bar separate, whichever is the most frequent in the first line; quotes are allowed, line
    breaks within them are not. Where `header` does not say, the first line is one if it is text throughout, or if it
    has text above a number.

    Raises DataError that names the line and the column.
    """
    with open_file(path, "a file of comma-separated values") as file:
        lines = CsvLines(path, file)
        reading = iter(lines)
        opening = [(lines.at, line, lines.fields(line)) for _, line in zip(range(2), reading, strict=False)]
        if not opening:
            raise DataError(f"{path}: holds nothing; expected lines of comma-separated values")
        first, second = opening[0][2], opening[-1][2]
        if header is None:
            header = _is_header(first, second)
        if header:
            del opening[0]
        columns = _columns(path, first, second, header, answer, skip)
        body = _Body(path, lines, columns, text)
        for lines.at, line, _ in opening:
            body.take(line)
        for line in reading:
            body.take(line)
    if not body.y:
        raise DataError(f"{path}: has a header and nothing below it; expected rows of values")
    return body.table()


class _Body:
    """The rows of a file, as they are read."""

    def __init__(self, path: str | os.PathLike[str], lines: CsvLines, columns: _Columns, text: bool) -> None:
        self.x, self.y = array("d"), array("d")
        self._path, self._lines, self._columns, self._text = path, lines, columns, text
        self._decode = msgspec.json.Decoder(list[float]).decode
        self._codes: dict[str, int] = {}
        self._coded = array("b")
        """Whether the answer of a row is a code."""

    def take(self, line: bytes) -> None:
        """The next row. One of numbers alone is read as JSON, twice as fast as NumPy's loadtxt does it."""
        row: list[float] = []
        if self._lines.separator == ",":
            try:
                row = self._decode(b"[%b]" % line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                row = []
        if len(row) == len(self._columns.names):
            self._coded.append(False)
        else:
            row = self._convert(self._lines.fields(line))
        self.y.append(row[self._columns.answer])
        for column in self._columns.dropped:
            del row[column]
        self.x.extend(row)
        if len(self.x) > MAX_NUMBERS:
            raise DataError(f"{self._path}: holds more than {MAX_NUMBERS:,} numbers; expected fewer, or an npz file")

    def table(self) -> Table:
        """All rows. Answers of which some only are text are text throughout."""
        columns = self._columns
        y, coded = np.array(self.y), np.array(self._coded, bool)
        if self._codes:
            values, places = np.unique(y[~coded], return_inverse=True)
            codes = [self._codes.setdefault(number_name(value), len(self._codes)) for value in values.tolist()]
            y[~coded] = np.array(codes, np.float64)[places.reshape(-1)]
        kept = [name for column, name in enumerate(columns.names) if column not in columns.dropped]
        x = np.frombuffer(self.x, np.float64).reshape(len(y), len(kept))
        answer, texts = columns.names[columns.answer], tuple(self._codes)
        return Table(x, y, tuple(kept), answer, columns.answer, texts, columns.header, columns.chosen)

    def _convert(self, fields: list[str]) -> list[float]:
        names, answer = self._columns.names, self._columns.answer
        if len(fields) != len(names):
            count = f"{len(fields)} value{'s' if len(fields) != 1 else ''}"
            self._lines.refuse(f"has {count}", f"{len(names)}, as in the first line")
        ignored = set(self._columns.dropped) - {answer}
        row = [
            0.0 if column in ignored or (column == answer and self._text) else self._number(column, field)
            for column, field in enumerate(fields)
        ]
        coded = self._text and not is_number(fields[answer]) and not is_missing(fields[answer])
        self._coded.append(coded)
        if coded:
            row[answer] = self._codes.setdefault(fields[answer], len(self._codes))
        else:
            row[answer] = self._number(answer, fields[answer])
        return row

    def _number(self, column: int, field: str) -> float:
        """The value of a field. Raises DataError that says where it stands."""
        if is_number(field):
            return float(field)
        where = self._columns.label(column)
        if is_missing(field):
            found = f"has no value in {where}{f': {quoted(field)}' if field else ''}"
            self._lines.refuse(found, "a number; fill it in, or leave out the row or the column")
        remedy = "a number" if column == self._columns.answer else f"a number; skip={column + 1} leaves the column out"
        self._lines.refuse(f"has {quoted(field)} in {where}", remedy)


def _is_header(first: list[str], second: list[str]) -> bool:
    """Text above a number; or text throughout, which no row is."""
    words = [not is_number(field) and not is_missing(field) for field in first]
    return all(words) or any(word and is_number(below) for word, below in zip(words, second, strict=False))


def _columns(
    path: str | os.PathLike[str],
    first: list[str],
    row: list[str],
    header: bool,
    answer: str | None,
    skip: Sequence[str],
) -> _Columns:
    """Which column is what. `row` shows which ones are text."""
    names = first if header else [f"column {number}" for number in range(1, len(first) + 1)]
    skipped = {_find(path, names, name) for name in skip}
    chosen = ""
    if answer is not None:
        place = _find(path, names, answer)
    else:
        usual = [column for column, name in enumerate(names) if name.lower() in USUAL]
        words = [
            c for c, field in enumerate(row) if c not in skipped and not is_number(field) and not is_missing(field)
        ]
        if len(usual) == 1:
            place, chosen = usual[0], "of that name"
        elif len(words) == 1 and words[0] < len(names):
            place, chosen = words[0], "of text"
        else:
            place, chosen = len(names) - 1, "that is the last"
    if place in skipped:
        found = f"skip= leaves out column {quoted(names[place])}, which has the answers"
        raise DataError(f"{path}: {found}; expected another one to be named, by label= or target=")
    dropped = sorted({*skipped, place}, reverse=True)
    if len(dropped) >= len(names):
        raise DataError(f"{path}: nothing is left of its {len(names)} columns but answers; expected features as well")
    return _Columns(names, place, dropped, header, chosen)


def _find(path: str | os.PathLike[str], names: list[str], name: str) -> int:
    """The column of that name. Raises DataError for none, or several."""
    if names.count(name) == 1:
        return names.index(name)
    if name in ("first", "last"):
        return 0 if name == "first" else len(names) - 1
    if name.isascii() and name.isdecimal() and 1 <= int(name[:9]) <= len(names):
        return int(name) - 1
    known = ", ".join(map(quoted, names[:20])) + (", …" if len(names) > 20 else "")
    found = "several columns" if name in names else "no column"
    raise DataError(f"{path}: has {found} {quoted(name)}; expected one of {known}, or a number from 1 to {len(names)}")
