"""Where data are: those that come with the project, and those that were downloaded."""

import os
from pathlib import Path

from platformdirs import user_cache_path

from engine.datasets.base import DataError

PACKAGE = Path(__file__).parents[1]


def data_path(name: str) -> Path:
    """The embedded file or folder `name`: in an installed package inside `engine`, in a checkout beside it."""
    folders = (PACKAGE / "data", PACKAGE.parent / "data")
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    raise DataError(f"{name}: not found in {folders[0]} nor in {folders[1]}; install tui-nn again")


def downloads_path() -> Path:
    """The folder of downloaded data sets, a folder each: `TUI_NN_DATA`, or one in the user's cache."""
    chosen = os.environ.get("TUI_NN_DATA")
    return Path(chosen).expanduser() if chosen else user_cache_path("tui-nn", appauthor=False) / "data"
