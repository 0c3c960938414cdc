"""What is printed while the screen is on: a file beside the checkpoint, of which the screen reads the end."""

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

LARGEST = 32 << 20
"""Bytes after which a log is cut to its end: a library in a loop must not fill the disk."""

KEPT = 1 << 20
"""Bytes that stay when it is cut."""

CHUNK = 1 << 16

COUNTED = 4 << 20
"""Bytes that one `poll` looks through: a torrent is counted over several frames, and none of them waits for it."""

LONGEST = 400
"""Characters of a line that are shown."""

_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)|[\x00-\x08\x0a-\x1f\x7f-\x9f]")
"""What a terminal would obey instead of showing it: control sequences, titles, single control characters."""


class RunLog:
    """The file to which the descriptors of a process are pointed; where it cannot be, one without a name.

    It is a file and not a pipe so that whoever writes never waits, nothing is lost in a crash, and writing goes on
    when the screen has gone.
    """

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path
        self.unseen = 0
        """Lines since somebody looked."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError:  # the trainer, which needs that folder too, tells why
            self.path = None
            self.fd, name = tempfile.mkstemp(prefix="tui-nn-", suffix=".log")
            os.unlink(name)
        self._begin = self._read_to = self.size

    @property
    def name(self) -> str:
        """The file, for a person."""
        return str(self.path) if self.path else "a file without a name"

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return os.fstat(self.fd).st_size

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been printed."""
        return self.size <= self._begin

    def poll(self) -> None:
        """Count the lines that have come, and cut the file if it has become too large."""
        size = self.size
        end = min(size, self._read_to + COUNTED)
        while self._read_to < end:
            data = os.pread(self.fd, min(CHUNK, end - self._read_to), self._read_to)
            if not data:
                break
            self.unseen += data.count(b"\n")
            self._read_to += len(data)
        if size > LARGEST:
            self._cut(size)

    def tail(self, count: int) -> list[str]:
        """The last lines since this run began, as a person reads them."""
        size = self.size
        start = max(self._begin, size - count * LONGEST)
        lines = os.pread(self.fd, size - start, start).decode(errors="replace").split("\n")
        if start > self._begin:
            del lines[0]  # of which the beginning is missing
        if lines and not lines[-1]:
            lines.pop()
        return [readable(line) for line in lines[-count:]]

    def close(self) -> None:
        """Let go of it; a log in which nothing stands is no file to keep, nor is a folder with nothing else."""
        unused = self.path if self.size == 0 else None
        os.close(self.fd)
        if unused is not None:
            unused.unlink(missing_ok=True)
            with suppress(OSError):
                unused.parent.rmdir()

    def _cut(self, size: int) -> None:
        end = os.pread(self.fd, KEPT, size - KEPT)
        os.ftruncate(self.fd, 0)
        os.write(self.fd, b"tui-nn: %d bytes that stood before this were dropped\n" % (size - KEPT) + end)
        self._begin, self._read_to = 0, self.size


def readable(line: str) -> str:
    """A line without what a terminal would obey; of one that was written over, as a progress bar is, the last state."""
    last = line.rstrip("\r").rpartition("\r")[2]
    return _CODES.sub("", last).expandtabs()[:LONGEST]
