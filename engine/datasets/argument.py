"""What follows the colon of a data set: a path, and options behind it."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.datasets.base import DataError
from engine.errors import unknown


class Argument(NamedTuple):
    """The path, with the user's folder for ~, and the values of each option in their order."""

    path: Path
    options: dict[str, list[str]]

    def option(self, name: str) -> str | None:
        """The value of an option that may be given once. Raises DataError for several."""
        values = self.options.get(name, [])
        if len(values) > 1:
            raise DataError(f"{self.path}: {name}= is given {len(values)} times; expected once")
        return values[0] if values else None


def read_argument(name: str, text: str, known: Sequence[str] = ()) -> Argument:
    """Take "PATH,option=value,option=value" apart; `name` is that of the data set, "csv:FILE".

    The path goes as far as there is a file or folder of that name, up to a comma or the end: so it may have commas,
    colons and equal signs. So may a value, but for what looks like the next option.

    Raises DataError where there is no path, UserError for an unknown option.
    """
    following = f",(?=(?:{'|'.join(map(re.escape, known))})=)" if known else "(?!)"
    ends = [len(text), *(match.start() for match in re.finditer(",", text))] if known else [len(text)]
    existing = [end for end in ends if end and os.path.lexists(os.path.expanduser(text[:end].replace("\0", "")))]
    first = re.search(following, text)
    end = max(existing) if existing else first.start() if first else len(text)
    if not end:
        raise DataError(f"{name.partition(':')[0]}: nothing to read is named; write {name}")
    options: dict[str, list[str]] = {}
    for part in re.split(following, text[end:]):
        option, _, value = part.removeprefix(",").partition("=")
        if option in known:
            options.setdefault(option, []).append(value)
        elif part:
            raise unknown(f"option of {name}", option, known)
    return Argument(Path(os.path.expanduser(text[:end])), options)
