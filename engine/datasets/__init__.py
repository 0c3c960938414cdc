"""Data sets, a file each: arrays ready to train on, split and standardized."""

from dataclasses import replace

from engine.datasets.base import DataError, Dataset, Split, datasets
from engine.errors import unknown
from engine.expressions import make_one

__all__ = ["DataError", "Dataset", "Split", "available", "datasets", "load"]


def load(spec: str) -> Dataset:
    """The data set of a name, a call, or a name and its argument: "mnist-5k", "spiral(arms=5)", "idx:some/folder".

    Nothing in it depends on a run's seed. Raises UserError for an unknown name, DataError for damaged files.
    """
    name, colon, argument = spec.partition(":")
    if not colon:
        return _called(spec) if "(" in spec else datasets[name]()
    for known in datasets.names():
        if known.startswith(f"{name}:"):
            return datasets[known](argument)
    raise unknown("data set", spec, datasets.names())


def _called(spec: str) -> Dataset:
    """Named by its call, so that a checkpoint's metadata finds the same data again."""
    return replace(make_one(spec, datasets), name=spec.strip())


def available() -> list[tuple[str, str]]:
    """Each data set's name and one line about it, embedded ones first."""
    names = sorted(datasets.names(), key=lambda name: (":" in name, name))
    return [(name, (datasets[name].__doc__ or "").partition("\n")[0]) for name in names]
