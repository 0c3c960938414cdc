"""What changes a network, or how it learns, between two steps, beyond a number. Each checks first, then changes."""

from typing import Literal, NamedTuple, assert_never

import msgspec
import numpy as np

from engine.augmentations import make_augmentation
from engine.errors import UserError, unknown
from engine.expressions import make_one
from engine.hyperparameters import tunables
from engine.initializers import initializer
from engine.layers import Layer, layers
from engine.model import Sequential, with_layer
from engine.optimizers import optimizers
from engine.schedules import schedule
from engine.training.commands import (
    Change,
    Freeze,
    Reinitialize,
    SetActivation,
    SetAugmentation,
    SetOptimizer,
    SetSchedule,
)
from engine.training.learner import Learner

AUTO = "auto"
"""The initializer that suits each layer's activation."""


class Changed(NamedTuple):
    """What `NetworkChanged` tells of a change."""

    what: Literal["activation", "weights", "frozen", "schedule", "optimizer", "augmentation"]
    layer: str
    before: str
    after: str


def change(learner: Learner, command: Change) -> Changed:
    """Change the learner. Raises UserError for what cannot be, or is so already: then all is as it was."""
    match command:
        case SetActivation(layer, activation):
            return _set_activation(learner, layer, activation.strip())
        case Reinitialize(layer, init):
            return _reinitialize(learner, layer, init.strip())
        case Freeze(layer, frozen):
            return _freeze(learner, layer, frozen)
        case SetSchedule(text):
            return _set_schedule(learner, text.strip())
        case SetOptimizer(text):
            return _set_optimizer(learner, text.strip())
        case SetAugmentation(text):
            return _set_augmentation(learner, text.strip())
        case _:
            assert_never(command)


def activations() -> list[str]:
    """The layers that can stand for one another: they bend each number by itself, whatever the shape."""
    return [name for name in layers.names() if _bends(layers[name])]


def check_activation(text: str) -> None:
    """Raises UserError for a text that names no activation."""
    if not _bends(type(make_one(text, layers))):
        raise unknown("activation", text, activations())


def check_initializer(text: str) -> None:
    """Raises UserError for a text that names no initializer."""
    if text != AUTO:
        initializer(text)


def _bends(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Layer) and bool(kind.suits) and kind.build is Layer.build


def _set_activation(learner: Learner, label: str, text: str) -> Changed:
    model, config = learner.model, learner.config
    leaf = model.leaf(label)
    found = model.activation_of(leaf)
    if found is None or not _bends(type(found.layer)):
        raise UserError(f"layer {leaf.label}: has no activation behind it that could be another")
    check_activation(text)
    after = with_layer(config.model, found.name, text)
    if after == with_layer(config.model, found.name, found.text):
        raise UserError(f"layer {leaf.label}: its activation is {found.text} already")
    learner.replace_model(msgspec.structs.replace(config, model=after))
    return Changed("activation", leaf.label, found.text, learner.model.leaf(found.name).text)


def _reinitialize(learner: Learner, label: str, init: str) -> Changed:
    """The draw is a function of the run's seed, the step, the layer and the initializer."""
    model, config, optimizer = learner.model, learner.config, learner.optimizer
    check_initializer(init)
    leaves = [model.leaf(label)] if label else model.learning_layers
    if not leaves[0].layer.parameters:
        raise UserError(f"layer {leaves[0].label}: has no weights")
    seed = int(np.random.SeedSequence((config.seed, learner.position.step)).generate_state(1)[0])
    drawn = Sequential(config.model, learner.dataset.input_shape, init=init, seed=seed)
    places = {name: place for place, name in enumerate(model.parameters)}
    for leaf in leaves:
        anew = drawn.leaf(leaf.name).layer
        for parameter, fresh in zip(leaf.layer.parameters, anew.parameters, strict=True):
            parameter.value[...] = fresh.value
            place = places[f"{leaf.name}.{parameter.name}"]
            optimizer.begin_anew(place, model.offsets[place], model.offsets[place + 1])
        for name, buffer in leaf.layer.buffers.items():
            buffer[...] = anew.buffers[name]
    if label:
        learner.renew_steps()
    else:
        # So would a restart begin.
        learner.replace_model(msgspec.structs.replace(config, init=init))
    return Changed("weights", leaves[0].label if label else "", config.init, init)


def _freeze(learner: Learner, label: str, frozen: bool) -> Changed:
    leaf = learner.model.leaf(label)
    words = {True: "frozen", False: "learning"}
    if not leaf.layer.parameters:
        raise UserError(f"layer {leaf.label}: has no weights to freeze")
    if all(parameter.frozen == frozen for parameter in leaf.layer.parameters):
        raise UserError(f"layer {leaf.label}: is {words[frozen]} already")
    for parameter in leaf.layer.parameters:
        parameter.frozen = frozen
    learner.renew_steps()
    return Changed("frozen", leaf.label, words[not frozen], words[frozen])


def _set_schedule(learner: Learner, text: str) -> Changed:
    before = learner.config.schedule
    learner.schedule = schedule(text)
    learner.config = msgspec.structs.replace(learner.config, schedule=text)
    return Changed("schedule", "", before, text)


def _set_optimizer(learner: Learner, text: str) -> Changed:
    """It begins without a past and with its own numbers; the learning rate stays, unless the text names one."""
    before = learner.config.optimizer
    if learner.search is not None:
        raise UserError(f"optimizer {text}: {learner.config.strategy} needs none")
    optimizer = make_one(text, optimizers)
    for item in tunables(optimizer):
        item.checked(item.value)
    if "learning_rate" not in text:
        optimizer.learning_rate = learner.optimizer.learning_rate
    optimizer.start(learner.model.values)
    learner.optimizer = optimizer
    learner.config = msgspec.structs.replace(learner.config, optimizer=text)
    learner.renew_steps()
    return Changed("optimizer", "", before, text)


def _set_augmentation(learner: Learner, text: str) -> Changed:
    before = learner.config.augment
    try:
        augmentation = make_augmentation(text, learner.dataset)
    except UserError as error:
        raise UserError(str(error).replace("--augment", "augmentation")) from None
    if learner.search is not None and augmentation is not None:
        raise UserError(f"augmentation {text}: {learner.config.strategy} compares weights on samples as they are")
    for item in tunables(augmentation):
        item.checked(item.value)
    learner.augmentation = augmentation
    learner.config = msgspec.structs.replace(learner.config, augment=text)
    learner.renew_steps()
    return Changed("augmentation", "", before, text)
