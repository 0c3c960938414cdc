"""Data sets, a file each: arrays ready to train on, split and standardized."""

from engine.datasets.base import DataError, Dataset, Split, datasets
from engine.datasets.remote import MissingData, fetch, remote_sets
from engine.errors import unknown

__all__ = ["DataError", "Dataset", "MissingData", "Split", "available", "datasets", "fetch", "load"]


def load(spec: str) -> Dataset:
    """The data set of a name, or of a name and its argument: "mnist-5k", "idx:some/folder".

    Nothing in it depends on a run's seed. One that is not here is downloaded; `fetch` before it tells how far that is.
    Raises UserError for an unknown name, DataError for damaged files, MissingData for a download that failed.
    """
    name, colon, argument = spec.partition(":")
    if not colon:
        return datasets[name]()
    for known in datasets.names():
        if known.startswith(f"{name}:"):
            return datasets[known](argument)
    raise unknown("data set", spec, datasets.names())


def available() -> list[tuple[str, str]]:
    """Each data set's name and one line about it: embedded ones first, then those that are downloaded."""
    names = sorted(datasets.names(), key=lambda name: (":" in name, name in remote_sets, name))
    return [(name, (datasets[name].__doc__ or "").partition("\n")[0]) for name in names]
