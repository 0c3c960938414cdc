"""One file from the first mirror that has it."""

import errno
import hashlib
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from engine.downloads.meter import Meter
from engine.downloads.pieces import LEAST, pieces
from engine.downloads.reasons import SourceError

ATTEMPTS = 10
"""Connections to one mirror for one file: another is made only if the one before it brought `LEAST` bytes."""


class RemoteFile(NamedTuple):
    """A file as it must be: name, bytes, SHA-256 in hexadecimal digits."""

    name: str
    size: int
    sha256: str


def fetch_file(file: RemoteFile, mirrors: Sequence[str], folder: Path, meter: Meter) -> str:
    """Write the file under its name, which it gets when it is whole and right; returns the mirror that had it.

    What came before a cut is kept as NAME.part, and the next attempt, here or in another process, goes on from there.
    Raises SourceError with every mirror and its reason, OSError where the folder cannot be written to; on a full disk
    nothing is kept, for others need the room more.
    """
    part = folder / f"{file.name}.part"
    refusals = []
    for mirror in mirrors:
        try:
            _bring(mirror, file, part, meter)
        except SourceError as error:
            refusals.append(f"{host_of(mirror)}: {error}")
        except OSError as error:
            if error.errno == errno.ENOSPC:
                part.unlink()
            raise
        else:
            part.replace(folder / file.name)
            return mirror
    if not _length(part):
        part.unlink(missing_ok=True)
    raise SourceError("; ".join(refusals))


def is_right(file: RemoteFile, path: Path) -> bool:
    """Whether the file at `path` has the size and the checksum that it must have."""
    if path.stat().st_size != file.size:
        return False
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


def host_of(mirror: str) -> str:
    """What a mirror is called: its server's name."""
    return urlsplit(mirror).netloc


def _bring(mirror: str, file: RemoteFile, part: Path, meter: Meter) -> None:
    """Have all of the file in `part`, and it is right."""
    for _ in range(ATTEMPTS):
        before = _length(part)
        trouble = None
        if before < file.size:
            try:
                _append(mirror, file, part, meter)
            except SourceError as error:
                trouble = error
        if trouble is None:
            if is_right(file, part):
                return
            part.unlink()
            if not before:
                raise SourceError("gives another file, its checksum is wrong")
            # The wrong bytes may have been there before: this mirror has not had its chance.
        elif _length(part) < before + LEAST:
            raise trouble
    raise SourceError(f"cut off {ATTEMPTS} times")


def _append(mirror: str, file: RemoteFile, part: Path, meter: Meter) -> None:
    """Add to `part` what the mirror gives, or begin it anew where that begins at 0."""
    host = host_of(mirror)
    with part.open("ab") as target:
        at = target.tell()
        meter.tell(at, 0, host)
        with closing(pieces(mirror + file.name, at, file.size)) as coming:
            for offset, data in coming:
                if data and offset != at:
                    target.truncate(offset)
                    at = offset
                target.write(data)
                at += len(data)
                meter.tell(at, len(data), host)
        target.flush()
        os.fsync(target.fileno())


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
