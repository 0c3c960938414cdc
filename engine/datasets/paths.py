"""Where the files that come with the project are."""

from pathlib import Path

from engine.datasets.base import DataError

PACKAGE = Path(__file__).parents[1]


def data_path(name: str) -> Path:
    """The embedded file or folder `name`: in an installed package inside `engine`, in a checkout beside it."""
    folders = (PACKAGE / "data", PACKAGE.parent / "data")
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    raise DataError(f"{name}: not found in {folders[0]} nor in {folders[1]}; install tui-nn again")
