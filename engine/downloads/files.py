"""All files of a set in one folder, by one process at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.downloads.file import RemoteFile, fetch_file
from engine.downloads.meter import Meter, Watch
from engine.downloads.pieces import TICK_S

LOCK = ".downloading"
"""The file in the folder that a process holds while it downloads; the system lets go of it when the process ends."""


def fetch_files(name: str, files: Sequence[RemoteFile], mirrors: Sequence[str], folder: Path, watch: Watch) -> None:
    """Download those files that are missing.

    Raises SourceError if no mirror has one, OSError where the folder cannot be written to, whatever `watch` raises.
    """
    meter = Meter(name, sum(file.size for file in files), watch)
    order = list(mirrors)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, meter):
        for file in files:
            if here(file, folder) is None:
                good = fetch_file(file, order, folder, meter)
                # The others have failed, perhaps after a long wait, and are asked last from now on.
                order.sort(key=lambda mirror: mirror != good)
            meter.before += file.size


def missing(files: Sequence[RemoteFile], folder: Path) -> list[RemoteFile]:
    """Those that the folder has neither as they are downloaded nor uncompressed."""
    return [file for file in files if here(file, folder) is None]


def here(file: RemoteFile, folder: Path) -> Path | None:
    """Where the file is, uncompressed or as it is downloaded."""
    plain = folder / file.name.removesuffix(".gz")
    return next((path for path in (plain, folder / file.name) if path.is_file()), None)


@contextmanager
def _alone(folder: Path, meter: Meter) -> Iterator[None]:
    """Hold the folder's lock, and wait for it as long as another process does."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    while True:
        try:
            lock.acquire(timeout=TICK_S, poll_interval=TICK_S)
            break
        except Timeout:
            meter.tell(0, 0, "waiting for another program that downloads it")
    try:
        yield
    finally:
        lock.release()
