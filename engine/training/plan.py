"""A configuration looked through before it is run: its layers with their shapes, and what does not fit.

Nothing is trained and no weights are made, so that it can be done at every key.
"""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import msgspec

from engine.arrays import Shape
from engine.errors import ShapeError, UserError
from engine.expressions import make_one
from engine.layers import Leaf
from engine.layers.chain import build_chain
from engine.layers.dropout import Dropout
from engine.losses import losses
from engine.model import describe, parse_layers, require_shape
from engine.parameters import require_memory
from engine.training.config import Config
from engine.training.events import LayerInfo
from engine.training.fitting import OUTPUTS, REMEDY, describe_answers, fit_to_data, output_shape
from engine.training.learner import Learner
from engine.training.outline import Outline


class Plan(NamedTuple):
    """The layers as far as they fit, those without weights too; `trouble` says in one line why it cannot be run."""

    layers: tuple[LayerInfo, ...]
    trouble: str = ""

    @property
    def parameters(self) -> int:
        """Numbers that are learned."""
        return sum(layer.parameters for layer in self.layers)


def plan(config: Config, outline: Outline) -> Plan:
    """What the configuration makes of such data."""
    dataset = outline.dataset
    try:
        fitted = fit_to_data(config, dataset)
        trouble = ""
    except UserError as error:
        count = str(max(1, len(dataset.class_names)))
        fitted, trouble = msgspec.structs.replace(config, model=OUTPUTS.sub(count, config.model)), str(error)
    layers, misfit = _shapes(fitted.model, dataset.input_shape)
    try:
        if not misfit and not trouble:
            _require_fit(fitted, outline, layers)
    except (UserError, MemoryError) as error:
        trouble = str(error) or "there is no memory for it"
    about = tuple(LayerInfo(leaf.name, leaf.text, leaf.input_shape, leaf.output_shape, _count(leaf)) for leaf in layers)
    return Plan(about, misfit or trouble)


def _shapes(model: str, input_shape: Shape) -> tuple[list[Leaf], str]:
    """The leaves up to the first that does not fit, and why it does not."""
    leaves: list[Leaf] = []
    trouble = ""
    try:
        texts = describe(model)
        try:
            leaves = build_chain(parse_layers(model), input_shape)
        except ShapeError as error:
            trouble = str(error)
            leaves = build_chain(parse_layers(model)[: int(error.layer.partition(".")[0])], input_shape)
    except (UserError, MemoryError) as error:
        return [], str(error) or "there is no memory for it"
    return [leaf._replace(text=text) for leaf, text in zip(leaves, texts, strict=False)], trouble


def _require_fit(config: Config, outline: Outline, leaves: Sequence[Leaf]) -> None:
    """Raise UserError for what does not fit, beside the layers' shapes."""
    dataset = outline.dataset
    count = sum(map(_count, leaves))
    if not count:
        raise UserError("the model has nothing to learn; add a layer with weights, such as Linear(10)")
    expected = output_shape(make_one(config.loss, losses), dataset)
    require_shape(parse_layers(config.model), leaves[-1].output_shape, expected, describe_answers(dataset), REMEDY)
    require_memory(count)
    if config.samples > outline.train_count:
        raise UserError(f"--samples {config.samples}: {dataset.name} has {outline.train_count} training samples")
    samples = config.samples or outline.train_count
    batch = config.set.get("batch_size", config.batch_size)
    if batch > samples:
        raise UserError(f"--batch-size {batch:g}: more than the {samples} training samples of {dataset.name}")
    # All else is as right with the smallest network as with this one.
    small = "GlobalAvgPool2d, Flatten, " if len(dataset.input_shape) == 3 else "Flatten, "
    small += "Dropout, " if any(isinstance(leaf.layer, Dropout) for leaf in leaves) else ""
    numbers = {name: value for name, value in config.set.items() if name != "batch_size"}
    Learner(
        msgspec.structs.replace(
            config,
            model=f"{small}Linear({prod(expected)})",
            samples=0,
            batch_size=min(config.batch_size, 1),
            set=numbers,
        ),
        dataset,
    )


def _count(leaf: Leaf) -> int:
    return sum(parameter.size for parameter in leaf.layer.parameters)
