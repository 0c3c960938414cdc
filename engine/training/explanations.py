"""One test sample with what in it speaks for its answer, how that came, and what each layer makes of it."""

from time import perf_counter

import numpy as np

from engine.arrays import Array
from engine.errors import UserError
from engine.training.commands import ExplainDigit
from engine.training.epoch_ends import EpochEnds
from engine.training.events import DigitExplained, LayerMaps
from engine.training.inspection import activation_of, outputs_of
from engine.training.learner import Learner
from engine.training.pictures import pictures, unit_grids, weight_grids
from engine.training.saliency import gradient_map, occlusion_map
from engine.training.varied_digits import picture_of

LARGEST_SIDE = 128
"""Of pictures that are explained: larger ones would hold the training up."""


def explain_digit(learner: Learner, asked: ExplainDigit, index: int, ends: EpochEnds) -> DigitExplained:
    """What speaks for the class that the sample is taken for. The index counts around the end.

    Raises UserError for samples that are no pictures, and for answers that are numbers.
    """
    began = perf_counter()
    dataset, model = learner.dataset, learner.model
    shape = dataset.input_shape
    if len(shape) == 3 and max(shape[1:]) > LARGEST_SIDE:
        raise UserError(f"pictures of {shape[1]}x{shape[2]}: explained are those of {LARGEST_SIDE} pixels at most")
    x, label = picture_of(learner, index, asked.variation)
    predicted = learner.predict(x)
    answer = int(predicted[0][0])
    gradient, gradient_bound = _as_bytes(gradient_map(learner, x, answer))
    occlusion, occlusion_bound = _as_bytes(occlusion_map(learner, x, answer, predicted[1][0, answer]))
    kind, grids = weight_grids(model, model.learning_layers[0])
    return DigitExplained(
        step=learner.position.step,
        index=index % len(dataset.test),
        label=label,
        answer=answer,
        variation=asked.variation,
        height=shape[1],
        width=shape[2],
        pixels=np.rint(dataset.pixels(x)[0].mean(axis=0) * 255).astype(np.uint8).tobytes(),
        gradient=gradient,
        gradient_bound=gradient_bound,
        occlusion=occlusion,
        occlusion_bound=occlusion_bound,
        path=ends.path(learner, x, label, predicted),
        kind=kind,
        templates=pictures(grids, asked.templates) if asked.templates is not None else None,
        maps=_maps(learner, x, asked),
        first_layer=asked.layers[0] % len(model.learning_layers),
        layer_count=len(model.learning_layers),
        seconds=perf_counter() - began,
    )


def _maps(learner: Learner, x: Array, asked: ExplainDigit) -> tuple[LayerMaps, ...]:
    """Of each layer that was asked for."""
    if asked.maps is None:
        return ()
    layers = learner.model.learning_layers
    first = asked.layers[0] % len(layers)
    chosen = layers[first : first + max(asked.layers[1], 0)]
    given = outputs_of(learner.model, x, [activation_of(learner.model, leaf).layer for leaf in chosen])
    return tuple(
        LayerMaps(leaf.label, leaf.output_shape[0], pictures(unit_grids(y[0]), asked.maps))
        for leaf, y in zip(chosen, given, strict=True)
    )


def _as_bytes(values: Array) -> tuple[bytes, float]:
    """Shares of the largest magnitude in ±127, -128 for what is not finite; and that magnitude."""
    finite = np.isfinite(values)
    bound = float(np.abs(np.where(finite, values, 0)).max())
    shares = np.where(finite, values, 0) / (bound or 1.0)
    return np.where(finite, np.rint(shares * 127), -128).astype(np.int8).tobytes(), bound
