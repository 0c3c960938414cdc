"""Data sets, a file each: arrays ready to train on, split and standardized."""

import os
from dataclasses import replace

from engine.datasets.base import DataError, Dataset, Split, datasets
from engine.errors import UserError, unknown
from engine.expressions import make_one

__all__ = ["DataError", "Dataset", "Split", "available", "datasets", "load"]


def load(spec: str) -> Dataset:
    """The data set of a name, a call, or a name and its argument: "mnist-5k", "spiral(arms=5)", "idx:some/folder".

    Nothing in it depends on a run's seed. Raises UserError for an unknown name, DataError for damaged files.
    """
    name, colon, argument = spec.partition(":")
    names = datasets.names()
    try:
        if spec in names and ":" not in spec:
            return datasets[spec]()
        for known in names:
            if colon and known.startswith(f"{name}:"):
                return datasets[known](argument)
    except MemoryError:
        raise DataError(f"{spec}: there is no memory for it; expected fewer or smaller samples") from None
    if os.path.exists(os.path.expanduser(spec.replace("\0", ""))):
        kinds = ", ".join(known for known in names if ":" in known)
        raise UserError(f"unknown data set {spec!r}; for data of your own write what it is: {kinds}")
    if "(" in spec and not colon:
        return _called(spec)
    raise unknown("data set", spec, names)


def _called(spec: str) -> Dataset:
    """Named by its call, so that a checkpoint's metadata finds the same data again."""
    return replace(make_one(spec, datasets), name=spec.strip())


def available() -> list[tuple[str, str]]:
    """Each data set's name and one line about it, embedded ones first."""
    names = sorted(datasets.names(), key=lambda name: (":" in name, name))
    return [(name, (datasets[name].__doc__ or "").partition("\n")[0]) for name in names]
