"""What a network does all over the plane of two features: where it draws its boundaries, and what its units see."""

from time import perf_counter
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.datasets.base import Dataset
from engine.errors import UserError
from engine.layers import Layer
from engine.layers.chain import forward_chain
from engine.model import Sequential
from engine.training.commands import MapBoundary, MapUnits
from engine.training.events import BoundaryMapped, UnitsMapped
from engine.training.learner import Learner

LARGEST_GRID = 65_536
"""Points of a grid: a terminal of 360 columns and 90 rows."""

MOST_POINTS = 2_000
"""Samples that are shown: more would hide the surface."""

MARGIN = 0.1
"""Of the data's extent, left free on either side."""

ALIKE = 3.0
"""Features whose extents differ by less share one scale: circles are round."""

Limits = tuple[float, float]


class Block(NamedTuple):
    """Layers up to where the next ones with weights begin: `end` counts the layers of the chain before that."""

    end: int
    label: str
    units: int


def map_boundary(learner: Learner, asked: MapBoundary) -> BoundaryMapped:
    """The class at each grid point with its probability, and what becomes of a split's samples; one forward pass.

    Raises UserError for data that have not two features, and for a grid without points or of too many.
    """
    began = perf_counter()
    dataset = learner.dataset
    x_limits, y_limits, grid = _grid(dataset, asked.columns, asked.rows)
    samples, labels = _samples(dataset, asked.split)
    answers, probabilities = learner.predict(np.concatenate([grid, samples]))
    count = len(grid)
    best = probabilities[np.arange(count), answers[:count]]
    return BoundaryMapped(
        step=learner.position.step,
        columns=asked.columns,
        rows=asked.rows,
        x=x_limits,
        y=y_limits,
        answers=answers[:count].astype(np.uint16).tobytes(),
        probabilities=np.where(best == best, np.clip(np.rint(best * 255), 1, 255), 0).astype(np.uint8).tobytes(),
        split=asked.split,
        points=dataset.values(samples).astype(np.float32).tobytes(),
        labels=labels.astype(np.uint16).tobytes(),
        taken_for=answers[count:].astype(np.uint16).tobytes(),
        seconds=perf_counter() - began,
    )


def map_units(learner: Learner, asked: MapUnits) -> UnitsMapped:
    """What units of a layer give over a grid; in NumPy, for the compiled step keeps no layer's output for others.

    Layer and first unit count around the end. Raises UserError as `map_boundary`.
    """
    began = perf_counter()
    _, _, grid = _grid(learner.dataset, asked.columns, asked.rows)
    found = blocks(learner.model)
    layer = asked.layer % len(found)
    block = found[layer]
    first = asked.first % block.units
    outputs = forward_chain(learner.model.layers[: block.end], grid, training=False)[0].reshape(len(grid), -1)
    maps = outputs[:, first : first + asked.count].T
    bounds = np.abs(np.where(np.isfinite(maps), maps, 0)).max(axis=1, initial=0)
    shares = maps / np.where(bounds > 0, bounds, 1)[:, None]
    return UnitsMapped(
        step=learner.position.step,
        layer=layer,
        layer_count=len(found),
        label=block.label,
        first=first,
        unit_count=block.units,
        columns=asked.columns,
        rows=asked.rows,
        values=np.where(np.isfinite(shares), np.rint(shares * 127), -128).astype(np.int8).tobytes(),
        bounds=tuple(bounds.tolist()),
        seconds=perf_counter() - began,
    )


def blocks(model: Sequential) -> list[Block]:
    """Each layer with weights and those behind it that bend or scale what it gives; the last one gives the outputs."""
    starts = [place for place, layer in enumerate(model.layers) if _mixes(layer)]
    found = []
    for start, end in zip(starts, [*starts[1:], len(model.layers)], strict=True):
        leaves = [leaf for leaf in model.leaves if start <= int(leaf.name.partition(".")[0]) < end]
        found.append(Block(end, ", ".join(leaf.text for leaf in leaves), int(np.prod(leaves[-1].output_shape))))
    return found


def plane_limits(dataset: Dataset, columns: int, rows: int) -> tuple[Limits, Limits]:
    """The part of the plane that all samples lie in, with a margin, in the features' own units.

    Features of about the same extent get the same scale by grid point: more of the plane is in view on one axis.
    """
    splits = [split.x for split in (dataset.train, dataset.validation, dataset.test) if len(split)]
    ends: Array = dataset.values(np.array([f(x, axis=0) for x in splits for f in (np.min, np.max)]))
    low, high = ends.min(axis=0), ends.max(axis=0)
    size = np.where(high > low, high - low, 1.0)
    centre, size = (low + high) / 2, size * (1 + 2 * MARGIN)
    if size.max() < ALIKE * size.min():
        steps = np.maximum(np.array([columns, rows]) - 1, 1)
        size = steps * (size / steps).max()
    (left, bottom), (right, top) = (centre - size / 2).tolist(), (centre + size / 2).tolist()
    return (left, right), (bottom, top)


def _grid(dataset: Dataset, columns: int, rows: int) -> tuple[Limits, Limits, Array]:
    """The limits, and the grid's points row by row from the top: (rows * columns, 2), as the network gets them."""
    if dataset.input_shape != (2,):
        shape = " x ".join(map(str, dataset.input_shape))
        raise UserError(f"{dataset.name} has samples of {shape} numbers; a plane needs two features")
    if dataset.target is not None:
        raise UserError(f"{dataset.name} has numbers for answers; a plane needs classes")
    if min(columns, rows) < 1 or columns * rows > LARGEST_GRID:
        raise UserError(f"a grid of {columns} x {rows} points: must have 1 to {LARGEST_GRID:,}")
    x_limits, y_limits = plane_limits(dataset, columns, rows)
    x, y = np.meshgrid(np.linspace(*x_limits, columns), np.linspace(*y_limits[::-1], rows))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    return (
        x_limits,
        y_limits,
        ((points - np.asarray(dataset.input_mean)) / np.asarray(dataset.input_std)).astype(np.float32),
    )


def _samples(dataset: Dataset, name: str) -> tuple[Array, Array]:
    """Samples of a split and their labels: all, or so many from one end of it to the other."""
    split = getattr(dataset, name or "train")
    count = min(len(split), MOST_POINTS) if name else 0
    chosen = np.linspace(0, max(len(split) - 1, 0), count).astype(np.int64)
    return split.x[chosen], split.labels[chosen]


def _mixes(layer: Layer) -> bool:
    """Whether it has weights that mix what it gets, itself or inside."""
    parameters = [*layer.parameters, *(p for leaf in layer.leaves for p in leaf.layer.parameters)]
    return any(parameter.fan_in for parameter in parameters)
