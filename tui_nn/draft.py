"""A configuration that is being written: a text for each setting, one of which is edited."""

import re
from collections.abc import Callable
from typing import Any, get_args

import msgspec

from engine import datasets
from engine.augmentations.base import augmentations
from engine.errors import UserError
from engine.initializers import initializers
from engine.losses import losses
from engine.optimizers import optimizers
from engine.schedules import schedules
from engine.strategies import strategies
from engine.training.config import Config, going_on, make_config, preset_names, read_preset
from engine.training.events import RunStarted

PRESET = "preset"

FIRST = (
    "dataset",
    PRESET,
    "model",
    "loss",
    "optimizer",
    "lr",
    "batch_size",
    "epochs",
    "init",
    "schedule",
    "augment",
    "seed",
)
"""What is asked for first; all other settings follow."""

LABELS = {
    "dataset": "data set",
    "lr": "learning rate",
    "init": "initialization",
    "augment": "augmentation",
    "set": "others",
}

KEPT = ("dataset", "seed", "samples", "threads")
"""What a preset leaves as it is, unless it names it."""

FIELDS = (*FIRST, *(name for name in Config.__struct_fields__ if name not in FIRST))

LAST_LAYER = re.compile(r"Linear\(\d+\)\s*$")

CHOICES: dict[str, Callable[[], list[str]]] = {
    "dataset": lambda: [name for name, _ in datasets.available() if ":" not in name],
    PRESET: preset_names,
    "loss": lambda: ["auto", *losses.names()],
    "optimizer": optimizers.names,
    "init": lambda: ["auto", *initializers.names()],
    "schedule": schedules.names,
    "augment": augmentations.names,
    "strategy": strategies.names,
}
"""What left and right go through, by field; any other text can be typed all the same."""


class Draft:
    """The texts, the field that is edited, and the place in its text."""

    def __init__(self, config: Config) -> None:
        self.values = {PRESET: "", **_texts(config)}
        self.field = FIELDS[0]
        self.cursor = len(self.values[self.field])

    def config(self) -> Config:
        """What has been written. Raises UserError that names the setting."""
        written: dict[str, Any] = {name: text.strip() for name, text in self.values.items() if name != PRESET}
        others = written.pop("set")
        given = {name: text for name, text in written.items() if text}
        for missing in sorted({"dataset", "model"} - given.keys()):
            raise UserError(f"{LABELS.get(missing, missing)}: must be written")
        try:
            return make_config({**given, "set": dict(map(_assignment, others.split(","))) if others else {}})
        except UserError as error:
            raise UserError(str(error).removeprefix("--")) from None

    @property
    def help(self) -> str:
        """What the field is."""
        if self.field == PRESET:
            name = self.values[PRESET]
            return read_preset(name)[0] if name in preset_names() else "a named configuration to begin from"
        annotation = next(field.type for field in msgspec.structs.fields(Config) if field.name == self.field)
        return next(extra.description or "" for extra in get_args(annotation) if isinstance(extra, msgspec.Meta))

    @property
    def picks(self) -> bool:
        """Whether left and right choose, rather than move in the text."""
        return self.field in CHOICES

    def go(self, direction: int) -> None:
        """To the next field (+1), or the one before (-1), around the ends."""
        self.go_to(FIELDS[(FIELDS.index(self.field) + direction) % len(FIELDS)])

    def go_to(self, field: str) -> None:
        """To that field, at the end of its text."""
        self.field, self.cursor = field, len(self.values[field])

    def pick(self, direction: int) -> None:
        """The next choice of the field (+1), or the one before (-1); a preset brings its settings."""
        choices, now = CHOICES[self.field](), self.values[self.field]
        if now in choices:
            place = (choices.index(now) + direction) % len(choices)
        else:
            known = [place for place, name in enumerate(choices) if name == now.partition("(")[0].strip()]
            place = known[0] if known else 0 if direction > 0 else len(choices) - 1
        self._write(choices[place])
        if self.field == PRESET:
            self._begin_from(choices[place])

    def type(self, text: str) -> None:
        """Put it in at the cursor."""
        now = self.values[self.field]
        self._write(now[: self.cursor] + text + now[self.cursor :], self.cursor + len(text))

    def erase(self, count: int) -> None:
        """Take out so many characters before the cursor, or, where negative, behind it."""
        now, here = self.values[self.field], self.cursor
        start, stop = (max(0, here - count), here) if count > 0 else (here, here - count)
        self._write(now[:start] + now[stop:], start)

    def move(self, to: int) -> None:
        """The cursor to that place in the text, or the nearest there is."""
        self.cursor = min(max(to, 0), len(self.values[self.field]))

    def clear(self) -> None:
        """Empty the field."""
        self._write("")

    def _write(self, text: str, cursor: int | None = None) -> None:
        self.values[self.field] = text
        self.move(len(text) if cursor is None else cursor)
        if self.field == PRESET and cursor is not None and text in preset_names():
            self._begin_from(text)

    def _begin_from(self, preset: str) -> None:
        """Take a preset's settings, and what it leaves out as it is by itself."""
        settings = read_preset(preset)[1]
        usual = _texts(make_config(settings))
        kept = {name: self.values[name] for name in KEPT if name not in settings}
        self.values = {PRESET: preset, **usual, **kept}


def present_config(started: RunStarted, hyperparameters: dict[str, float]) -> Config:
    """That of a run which begins as this one is now: its own settings, and the numbers that were changed since."""
    config, begun = started.config, {item.name: item.value for item in started.hyperparameters}
    own = {"batch_size", "clip_norm", *config.set, *(["learning_rate"] if config.lr is not None else [])}
    return going_on(
        config, {name: value for name, value in hyperparameters.items() if name in own or value != begun.get(name)}
    )


def open_config(config: Config, started: RunStarted) -> Config:
    """The same, but with the outputs and the loss left to the data again where they are what these ask for."""
    auto = "cross_entropy" if not started.target else "mse"
    outputs = str(len(started.class_names) or 1)
    model = config.model
    if (last := LAST_LAYER.search(model)) and last[0].strip() == f"Linear({outputs})":
        model = f"{model[: last.start()]}Linear(outputs)"
    loss = "auto" if config.loss == auto else config.loss
    return msgspec.structs.replace(config, model=model, loss=loss)


def _texts(config: Config) -> dict[str, str]:
    """Each setting as one would write it."""
    found = {}
    for name in Config.__struct_fields__:
        value = getattr(config, name)
        match value:
            case dict():
                found[name] = ", ".join(f"{key}={_number(number)}" for key, number in value.items())
            case float():
                found[name] = _number(value)
            case _:
                found[name] = "" if value is None else str(value)
    # That of a file may have several lines.
    return found | {"model": " ".join(config.model.split())}


def _number(value: float) -> str:
    """As short as it can be without being another number."""
    return short if float(short := f"{value:g}") == value else repr(value)


def _assignment(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise UserError(f"others {text.strip()!r}: must be NAME=NUMBER, such as weight_decay=0.01") from None
