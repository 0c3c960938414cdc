"""What the computed sets of the plane have in common: two features, drawn from a seed of their own."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, NamedTuple

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.datasets.base import Dataset, datasets
from engine.datasets.tables import dataset_from_table

Noise = Annotated[float, Meta(ge=0, le=10)]
Samples = Annotated[int, Meta(ge=50, le=1_000_000)]
Groups = Annotated[int, Meta(ge=2, le=10)]

TEST_SHARE = 0.2
VALIDATION_SHARE = 0.25
"""Of what is not kept to test: three fifths train, one fifth validates, one fifth tests."""


class Points(NamedTuple):
    """points: (count, 2), labels: (count,), and what the classes are called."""

    points: NDArray[np.float64]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]


def plane_set(name: str) -> Callable[[Callable[..., Points]], Callable[..., Points]]:
    """Decorator: register the data set of the points that a function draws, and leave the function as it is.

    Its last argument is the `seed` of the draw and of the splits; a run's seed changes neither.
    """

    def register(draw: Callable[..., Points]) -> Callable[..., Points]:
        signature = inspect.signature(draw)

        @functools.wraps(draw)
        def load(*arguments: object, **options: object) -> Dataset:
            bound = signature.bind(*arguments, **options)
            bound.apply_defaults()
            drawn = draw(*bound.args, **bound.kwargs)
            call = ", ".join(f"{key}={value!r}" for key, value in bound.arguments.items())
            return dataset_from_table(
                name,
                drawn.points,
                drawn.labels,
                feature_names=("x", "y"),
                class_names=drawn.class_names,
                test_share=TEST_SHARE,
                validation_share=VALIDATION_SHARE,
                seed=bound.arguments["seed"],
                provenance=f"computed by {name}({call})",
            )

        datasets.register(name)(load)
        return draw

    return register


def source(seed: int) -> np.random.RandomState:
    """Random numbers of a seed, the same with every NumPy: a Generator's stream may change, this one is frozen."""
    return np.random.RandomState(seed)


def even_labels(samples: int, groups: int) -> NDArray[np.int64]:
    """0, 1, ..., groups - 1, 0, 1, ...: as many of each as can be, in an order that any part of them keeps."""
    return np.arange(samples) % groups


def places(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each sample of `even_labels`, which one of its group it is, from 0, and how many the group has."""
    groups = int(labels.max()) + 1
    return np.arange(len(labels)) // groups, np.bincount(labels)[labels]
