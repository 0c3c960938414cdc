"""Drawings on disk: saved as PNG, and pictures read to be looked at as if they had been drawn."""

from collections.abc import Sequence
from itertools import count
from os.path import abspath
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import printable
from engine.datasets.picture_reader import SUFFIXES
from engine.datasets.single_picture import ARRAY_SUFFIX, read_grey
from engine.digits.preparation import Step, prepare
from engine.errors import UserError
from tui_nn.drawing import Ink

SAVED = 280
"""Rows of pixels of a drawing that is saved."""

READABLE = (*SUFFIXES, ARRAY_SUFFIX)
"""Ends of the names of pictures."""


def save_drawing(folder: Path, ink: Ink, forms: Sequence[NDArray[np.uint8]], label: str = "") -> Path:
    """Write the drawing, black on white, and beside it each digit in MNIST's form, white on black; returns the first.

    `NUMBER-LABEL.png` and `NUMBER-LABEL-mnist.png`, of several digits `-mnist-1.png` and so on. Raises UserError.
    """
    from PIL import Image

    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = {path.name.partition("-")[0] for path in folder.iterdir()}
        stem = next(f"{number:03}" for number in count(1) if f"{number:03}" not in taken) + f"-{label or 'drawing'}"
        path = folder / f"{stem}.png"
        Image.fromarray(255 - ink).save(path)
        for place, form in enumerate(forms, 1):
            Image.fromarray(form).save(folder / f"{stem}-mnist{f'-{place}' if len(forms) > 1 else ''}.png")
    except OSError as error:
        raise UserError(f"{folder}: the drawing cannot be saved: {error.strerror or error}") from None
    return path


def read_steps(path: Path) -> tuple[Step, ...]:
    """A picture and what became of it on its way to MNIST's form. Raises UserError where nothing is to be seen."""
    try:
        steps = tuple(prepare(read_grey(path)))
    except MemoryError:
        raise UserError(printable(f"{path}: too large for memory")) from None
    if steps[-1].name != "centred":
        raise UserError(printable(f"{path}: shows nothing but its background; expected a digit, darker or lighter"))
    return steps


def typed_path(text: str, folder: Path) -> Path:
    """What somebody means by a path: absolute, from `~` or from the folder on. Raises UserError where nothing lies."""
    try:
        path = Path(abspath(folder / Path(text).expanduser()))
        path.stat()
    except RuntimeError:
        raise UserError(printable(f"{text}: there is no such user")) from None
    except (OSError, ValueError) as error:
        raise UserError(printable(f"{text}: cannot be opened: {getattr(error, 'strerror', error)}")) from None
    return path


def list_pictures(folder: Path) -> tuple[list[str], list[str]]:
    """The names of folders and of pictures in a folder, sorted, without hidden ones. Raises UserError."""
    folders, pictures = [], []
    try:
        for entry in folder.iterdir():
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                folders.append(entry.name)
            elif entry.suffix.lower() in READABLE:
                pictures.append(entry.name)
    except OSError as error:
        raise UserError(printable(f"{folder}: cannot be read: {error.strerror}")) from None
    return sorted(folders, key=str.lower), sorted(pictures, key=str.lower)
