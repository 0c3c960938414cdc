"""What can be changed of a network while it learns, beside its numbers: each alternative, and words of one's own."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from engine.training import commands as c
from engine.training.config import GRADIENT
from engine.training.events import LayerInfo, RunStarted
from tui_nn.run_state import RunState


class Prompt(NamedTuple):
    """A text to be typed: what it is, what it may be, how it is now; `check` raises UserError."""

    title: str
    help: str
    now: str
    check: Callable[[str], object]
    make: Callable[[str], c.AnyCommand]


class Choice(NamedTuple):
    """One entry of the palette."""

    text: str
    does: c.AnyCommand | Prompt


def choices(run: RunState) -> list[Choice]:
    """For the run as it is now; none before it has begun."""
    if run.started is None:
        return []
    found = [choice for layer in run.started.layers for choice in _of_layer(layer)]
    return [*_of_the_run(run.started), *found, *_weights("", "all weights")]


class _Part(NamedTuple):
    """A part of a run that is named by a text."""

    title: str
    now: str
    names: list[str]
    example: str
    check: Callable[[str], object]
    make: Callable[[str], c.AnyCommand]


def _parts(started: RunStarted) -> Iterator[_Part]:
    # Not above: the engine is loaded after the first frame is on the screen.
    from engine.augmentations import augmentations
    from engine.expressions import make_one
    from engine.optimizers import optimizers
    from engine.schedules import schedule, schedules

    config, search = started.config, started.config.strategy != GRADIENT
    if not search:
        check: Callable[[str], object] = lambda text: make_one(text, optimizers)  # noqa: E731
        yield _Part("Optimizer", config.optimizer, optimizers.names(), "adam(beta2=0.99)", check, c.SetOptimizer)
    example = "warmup(100), cosine"
    yield _Part("Schedule", config.schedule, schedules.names(), example, schedule, c.SetSchedule)
    if not search and len(started.input_shape) == 3:
        check = lambda text: make_one(text, augmentations)  # noqa: E731
        names, example = augmentations.names(), "affine(rotation=5)"
        yield _Part("Augmentation", config.augment, names, example, check, c.SetAugmentation)


def _of_the_run(started: RunStarted) -> Iterator[Choice]:
    for title, now, names, example, check, make in _parts(started):
        for name in names:
            if name != now:
                yield Choice(f"{title}: {name}  (now {now})", make(name))
        may_be = f"{', '.join(names)}; with numbers: {example}"
        yield Choice(f"{title}: type one  (now {now})", Prompt(title, may_be, now, check, make))


def _of_layer(layer: LayerInfo) -> Iterator[Choice]:
    from engine.training.changes import activations, check_activation

    label, now = layer.label, layer.activation
    if now:
        for name in activations():
            if name != now:
                yield Choice(f"Activation of {label}: {name}  (now {now})", c.SetActivation(label, name))
        title, may_be = f"Activation of {label}", f"{', '.join(activations())}; with a number: LeakyReLU(0.1)"
        prompt = Prompt(title, may_be, now, check_activation, partial(c.SetActivation, label))
        yield Choice(f"{title}: type one  (now {now})", prompt)
    if layer.frozen:
        yield Choice(f"Let {label} learn again", c.Freeze(label, False))
    else:
        yield Choice(f"Freeze {label}: its weights stay as they are", c.Freeze(label, True))
    yield from _weights(label, f"the weights of {label}")


def _weights(label: str, what: str) -> Iterator[Choice]:
    from engine.initializers import initializers
    from engine.training.changes import AUTO, check_initializer

    yield Choice(f"Draw {what} anew, as suits the activation", c.Reinitialize(label, AUTO))
    may_be = f"{AUTO}, {', '.join(initializers.names())}; with a number: normal(0.01)"
    prompt = Prompt(f"Draw {what} anew", may_be, AUTO, check_initializer, partial(c.Reinitialize, label))
    yield Choice(f"Draw {what} anew: type an initializer", prompt)
