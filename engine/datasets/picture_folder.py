"""Pictures of the user's own, a folder for each class."""

import os
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.datasets.answers import shown
from engine.datasets.argument import read_argument
from engine.datasets.base import DataError, Dataset, datasets
from engine.datasets.files import FLOAT32, Room, require_ratio
from engine.datasets.picture_reader import SUFFIXES, Kind, read_kind, read_picture
from engine.datasets.samples import Samples, dataset_from_samples

DECODING = 12
"""Bytes of a pixel while its picture is read: Pillow's four, as many converted, and those of the array."""

NAMED = 3
"""Names of ignored files that a notice tells."""


class _Found(NamedTuple):
    """The pictures of each class, by name, in the order of their names; and what was passed over."""

    classes: dict[str, list[Path]]
    ignored: list[str]


@datasets.register("folder:DIR")
def load(argument: str) -> Dataset:
    """PNG and JPEG pictures, a folder for each class; folder:DIR,size=32 resizes them."""
    given = read_argument("folder:DIR", argument, ("size",))
    root = given.path
    if not os.path.isdir(root):
        raise DataError(f"{root}: no such folder; expected one with a folder of pictures for each class")
    split = all(os.path.isdir(root / part) for part in ("train", "test"))
    train = _find(root / "train" if split else root)
    test = _find(root / "test") if split else None
    names = tuple(train.classes)
    if len(names) < 2:
        where = root / "train" if split else root
        found = f"pictures in {len(names)} of its folders" if names else "no folder with pictures"
        raise DataError(f"{where}: has {found}; expected {' or '.join(SUFFIXES)} files in a folder for each class")
    if test and not test.classes:
        raise DataError(f"{root / 'test'}: has no folder with pictures; expected some for the test, as in train")
    for name in test.classes if test else ():
        if name not in names:
            raise DataError(
                f"{root / 'test' / name}: is no class of {root / 'train'}; expected {', '.join(names[:20])}"
            )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, on what it reads all the same
        files = [path for found in (train, test) if found for paths in found.classes.values() for path in paths]
        kinds = Counter(read_kind(path) for path in files)
        kind = _common(kinds, root, given.option("size"))
        unpacked = sum(count * kind.width * kind.height * (1 if kind.grey else 3) for kind, count in kinds.items())
        require_ratio(root, unpacked, sum(os.path.getsize(path) for path in files))
        room = Room()
        room.take(root, len(files) * kind.width * kind.height * (1 if kind.grey else 3), 1 + FLOAT32)
        room.take(root, max(kind.width * kind.height for kind in kinds), DECODING)
        samples = [_read(found, names, kind) for found in (train, test) if found]
    resized = sum(count for other, count in kinds.items() if other[:2] != kind[:2])
    notices = []
    if resized:
        notices.append(f"{resized:,} of {len(files):,} pictures were resized to {kind.width}x{kind.height}")
    ignored = train.ignored + (test.ignored if test else [])
    if ignored:
        some = ", ".join(shown(tuple(ignored[:NAMED]))) + (", …" if len(ignored) > NAMED else "")
        notices.append(f"{len(ignored):,} files and folders that are no pictures were ignored: {some}")
    return dataset_from_samples(
        f"folder:{argument}",
        samples[0],
        samples[1] if len(samples) > 1 else None,
        class_names=shown(names),
        provenance=f"read from {root}",
        notices=tuple(notices),
    )


def _find(folder: Path) -> _Found:
    """The folders in a folder, and the pictures right inside each; no deeper, and no name that begins with a dot."""
    classes: dict[str, list[Path]] = {}
    ignored = []
    for entry in _entries(folder):
        if not os.path.isdir(entry):
            ignored.append(entry.name)
            continue
        pictures = []
        for item in _entries(Path(entry.path)):
            if item.name.lower().endswith(SUFFIXES) and os.path.isfile(item):
                pictures.append(Path(item.path))
            else:
                ignored.append(f"{entry.name}/{item.name}")
        if pictures:
            classes[entry.name] = pictures
        else:
            ignored.append(entry.name)
    return _Found(classes, ignored)


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror}; expected a folder that can be read") from None


def _common(kinds: Counter[Kind], root: Path, size: str | None) -> Kind:
    """The size that was asked for, or the commonest; colour if any picture has it."""
    sizes: Counter[tuple[int, int]] = Counter()
    for kind, count in kinds.items():
        sizes[kind.width, kind.height] += count
    # The smallest of those that are equally common: a resized picture should not be made up.
    width, height = min(sizes, key=lambda size: (-sizes[size], size))
    if size is not None:
        numbers = [int(part) for part in size.split("x")] if re.fullmatch(r"[1-9]\d{0,4}(x[1-9]\d{0,4})?", size) else []
        if not numbers:
            raise DataError(f"{root}: size={size}; expected a number of pixels, such as 32, or HEIGHTxWIDTH")
        height, width = numbers[0], numbers[-1]
    return Kind(width, height, all(kind.grey for kind in kinds))


def _read(found: _Found, names: tuple[str, ...], kind: Kind) -> Samples:
    count = sum(map(len, found.classes.values()))
    x = np.empty((count, 1 if kind.grey else 3, kind.height, kind.width), np.uint8)
    labels = np.empty(count, np.int64)
    place = 0
    for name, paths in found.classes.items():
        for path in paths:
            x[place] = read_picture(path, kind)
            labels[place] = names.index(name)
            place += 1
    return Samples(x, labels)
