"""Image sets that are downloaded when they are first used."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.arrays import Shape
from engine.datasets.base import DataError, Dataset, datasets
from engine.datasets.idx_folder import load_idx_folder
from engine.datasets.paths import downloads_path
from engine.downloads.file import RemoteFile, is_right
from engine.downloads.files import fetch_files, here, missing
from engine.downloads.meter import Watch
from engine.downloads.reasons import SourceError
from engine.errors import UserError


@dataclass(frozen=True)
class RemoteSet:
    """Four IDX files, the servers that have them, asked in that order, and what the classes are called."""

    name: str
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, ...]
    class_names: tuple[str, ...]
    licence: str
    input_shape: Shape = (1, 28, 28)
    train_count: int = 54_000
    """Samples to train on, once a tenth is kept for validation: of all these sets the same."""

    @property
    def folder(self) -> Path:
        """Where the files are, or will be."""
        return downloads_path() / self.name

    @property
    def size_here(self) -> int:
        """Bytes of the files that are here."""
        return sum(path.stat().st_size for file in self.files if (path := here(file, self.folder)))

    @property
    def missing(self) -> list[RemoteFile]:
        """The files that are not here, neither compressed nor plain."""
        return missing(self.files, self.folder)


class MissingData(UserError):
    """Files that are not here and could not be downloaded: what was tried, and where to place them by hand."""


remote_sets: dict[str, RemoteSet] = {}
"""Those of the data sets that are downloaded, by name."""


def remote_set(found: RemoteSet) -> RemoteSet:
    """File an image set under its name."""
    remote_sets[found.name] = found
    return found


def fetch(name: str, watch: Watch) -> None:
    """Download what is missing of a data set; nothing for those that are not downloaded.

    `watch` is told many times a second, and may raise something to end it. Raises MissingData if a file cannot be had.
    """
    found = find(name)
    if found is None or not found.missing:
        return
    try:
        fetch_files(name, found.files, found.mirrors, found.folder, watch)
    except SourceError as error:
        files = _listed([file.name for file in found.missing])
        remedy = f"place {files} in {found.folder} by hand"
        raise MissingData(f"{name}: cannot be downloaded: {error}; {remedy}") from None
    except OSError as error:
        remedy = "TUI_NN_DATA names another folder"
        raise MissingData(f"{name}: {found.folder} cannot be written: {error.strerror or error}; {remedy}") from None


def find(name: str) -> RemoteSet | None:
    """The set of that name, or None if it is none that is downloaded."""
    datasets.names()  # a set is filed when its module is imported
    return remote_sets.get(name)


def load_remote(name: str) -> Dataset:
    """The data set, downloaded without a word if it is not here."""
    found = remote_sets[name]
    fetch(name, lambda transfer: None)
    try:
        return load_idx_folder(
            found.folder, name, class_names=found.class_names, provenance=f"{found.licence}; read from {found.folder}"
        )
    except DataError as error:
        raise DataError(f"{error}; remove the file, and it is downloaded anew") from None


def wrong_files(found: RemoteSet) -> list[Path]:
    """The downloaded files whose size or checksum is not the official one; uncompressed ones are not looked at."""
    paths = [(file, here(file, found.folder)) for file in found.files]
    return [path for file, path in paths if path is not None and path.name == file.name and not is_right(file, path)]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
