"""The steps in which a picture became what the network was given, as pictures in a folder."""

from itertools import chain, count
from pathlib import Path

import numpy as np

from engine.arrays import Array
from engine.digits.reading import Reading
from engine.errors import UserError

WHOLE = ("box", "centred")
"""Steps that say nothing of a number: each of its digits has a box of its own."""


class StepFolder:
    """Where steps are saved: seven.jpg leaves seven-1-as-grey.png and so on; a second one seven-2-1-as-grey.png.

    No two files share a name, whatever they are called; neither do they where Seven and seven are one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[str] = set()

    def save(self, file: Path, found: Reading) -> None:
        """All steps of one file, and of a number each digit as it was given. Raises UserError where it cannot write."""
        name = self._name(file.stem)
        several = len(found.digits) > 1
        pictures = [(step.name, step.picture) for step in found.steps if not (several and step.name in WHOLE)]
        if several:
            pictures += [(f"digit {place}", digit.picture) for place, digit in enumerate(found.digits, 1)]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for place, (step, picture) in enumerate(pictures, 1):
                _save(picture, self._folder / f"{name}-{place}-{step.replace(' ', '-')}.png")
        except OSError as error:
            raise UserError(f"--steps {self._folder}: {error.strerror or error}") from None

    def _name(self, stem: str) -> str:
        """The stem, or with the first number behind it that makes another name of it."""
        names = chain([stem], (f"{stem}-{number}" for number in count(2)))
        name = next(name for name in names if name.casefold() not in self._used)
        self._used.add(name.casefold())
        return name


def _save(picture: Array, path: Path) -> None:
    from PIL import Image

    Image.fromarray(np.rint(picture.clip(0, 1) * 255).astype(np.uint8)).save(path)
