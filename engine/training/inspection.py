"""A look into one layer: how its numbers are distributed, which of its units are of no use, how they look."""

from collections.abc import Callable, Sequence
from math import isnan
from time import perf_counter
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.health.probe import Probe, dead_units, saturated_share
from engine.layers import Layer, Leaf
from engine.layers.sigmoid import Sigmoid
from engine.layers.softmax import Softmax
from engine.layers.tanh import Tanh
from engine.model import Sequential
from engine.training.commands import InspectLayer, Limits, PicturesWish
from engine.training.events import LayerInspected, Pictures, UnitFigures
from engine.training.learner import Learner
from engine.training.pictures import pictures, unit_grids, weight_grids
from engine.training.tally import tally

RANGES: dict[type[Layer], Limits] = {Sigmoid: (0.0, 1.0), Softmax: (0.0, 1.0), Tanh: (-1.0, 1.0)}
"""Edges of what is bounded by its definition."""

COUNTED = 1 << 20
"""Activations that are counted at most; of large layers those of fewer samples."""

NAMED = 1000
"""Dead units that are named at most."""


def inspect_layer(learner: Learner, asked: InspectLayer, digit: int) -> LayerInspected:
    """The figures of a layer, and what it gives for a sample of the test split. Raises UserError for a bad wish."""
    began = perf_counter()
    model = learner.model
    place = asked.layer % len(model.learning_layers)
    leaf = model.learning_layers[place]
    probe = Probe(learner)
    last = activation_of(model, leaf)
    # Copies are taken of what is counted alone: the rest is looked at where it lies.
    given = _given(learner, probe.samples.x, [*(hidden.layer for _, hidden in probe.hidden), last.layer])
    units, dead = _judge_units(learner, probe, given[:-1], leaf)
    counted = given[-1][: max(1, COUNTED // max(given[-1][0].size, 1))]
    weights, gradients, activations = asked.edges
    bins, parameter = asked.bins, leaf.layer.parameters[0]
    digit %= len(learner.dataset.test)
    kind, grids = weight_grids(model, leaf)
    return LayerInspected(
        step=learner.position.step,
        layer=place,
        layer_count=len(model.learning_layers),
        name=leaf.name,
        given=_describe(model, leaf, last, given[-1]),
        # In the order in which they lie: any other is a slow copy.
        weights=tally(parameter.value.ravel(order="K"), bins, weights),
        gradients=tally(parameter.gradient.ravel(order="K"), bins, gradients) if model.gradients.any() else None,
        activations=tally(counted.ravel(), bins, activations or RANGES.get(type(last.layer))),
        samples=len(counted),
        units=units,
        dead=dead,
        kind=kind,
        pictures=pictures(grids, asked.weights) if asked.weights is not None else None,
        maps=_maps(learner, last, digit, asked.maps) if asked.maps is not None else None,
        sample=_sample(learner, digit, asked.maps) if asked.maps is not None else None,
        digit=digit,
        seconds=perf_counter() - began,
    )


def outputs_of(model: Sequential, x: Array, wanted: Sequence[Layer]) -> list[Array]:
    """What these layers give for x, wherever in the model they stand, without dropout; in NumPy."""
    given: dict[int, Array] = {}

    def recording(layer: Layer) -> Callable[..., Any]:
        forward = layer.forward

        def recorded(x: Array, *, training: bool) -> Any:
            y, back = forward(x, training=training)
            given[id(layer)] = y
            return y, back

        return recorded

    # As PyTorch's forward hooks: what stands around a layer need not know that somebody looks.
    hooks = {id(layer): (layer, recording(layer)) for layer in wanted}
    try:
        for layer, hook in hooks.values():
            vars(layer)["forward"] = hook
        model.forward(x, training=False)
    finally:
        for layer, _ in hooks.values():
            vars(layer).pop("forward", None)
    return [given[id(layer)] for layer in wanted]


def _given(learner: Learner, x: Array, wanted: Sequence[Layer]) -> list[Array]:
    """What these layers give, channels last; compiled where that can be."""
    if not learner.not_compiled:
        return learner.activations(x, wanted)
    return [np.moveaxis(y, 1, -1) for y in outputs_of(learner.model, x, wanted)]


def activation_of(model: Sequential, leaf: Leaf) -> Leaf:
    """The activation that bends what the layer gives, before any other layer that learns; else the layer itself."""
    for other in model.leaves[model.leaves.index(leaf) + 1 :]:
        if other.layer.parameters:
            break
        if other.layer.suits or isinstance(other.layer, Softmax):
            return other
    return leaf


def _judge_units(
    learner: Learner, probe: Probe, given: Sequence[Array], chosen: Leaf
) -> tuple[tuple[UnitFigures, ...], tuple[int, ...]]:
    """The figures of all learning layers' units, and which units of the chosen one are dead."""
    known: dict[str, UnitFigures] = {}
    dead_here: tuple[int, ...] = ()
    for (giver, hidden), y in zip(probe.hidden, given, strict=True):
        dead, saturated = dead_units(hidden.layer, y), saturated_share(hidden.layer, y)
        known[giver] = UnitFigures(
            layer=giver.partition(" ")[0],
            units=y.shape[-1],
            dead=None if dead is None else int(dead.sum()),
            saturated=None if isnan(saturated) else saturated,
        )
        if giver == chosen.label and dead is not None:
            dead_here = tuple(np.flatnonzero(dead)[:NAMED].tolist())
    return tuple(
        known.get(leaf.label) or UnitFigures(leaf.name, leaf.output_shape[0]) for leaf in learner.model.learning_layers
    ), dead_here


def _describe(model: Sequential, leaf: Leaf, last: Leaf, y: Array) -> str:
    """The layer and those behind it up to the one that gave y, channels last: a convolution is pooled at once."""
    start, end = model.leaves.index(leaf), model.leaves.index(last)
    while np.moveaxis(y, -1, 1).shape[1:] != model.leaves[end].output_shape:
        end += 1
    return ", ".join(other.text for other in model.leaves[start : end + 1])


def _maps(learner: Learner, last: Leaf, digit: int, wish: PicturesWish) -> Pictures | None:
    (y,) = outputs_of(learner.model, learner.dataset.test.x[digit : digit + 1], [last.layer])
    return pictures(unit_grids(y[0]), wish)


def _sample(learner: Learner, digit: int, wish: PicturesWish) -> Pictures | None:
    """The sample itself, where it is a picture."""
    x = learner.dataset.test.x[digit : digit + 1]
    if x.ndim != 4:
        return None
    return pictures(learner.dataset.pixels(x).mean(axis=1), PicturesWish(wish.columns, wish.rows))
