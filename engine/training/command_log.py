"""The log of a run's commands: with seed and configuration, all that the same weights take, to the bit.

`NAME.commands.jsonl`, a line of JSON each: how the run began, every command with the count of steps at which it was
obeyed, and what the weights were where the run ended.
"""

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.errors import UserError
from engine.training.commands import Steering
from engine.training.config import Config
from engine.training.learner import Learner


class Line(msgspec.Struct, frozen=True, tag_field="line", forbid_unknown_fields=True):
    """A line of the log."""


class Began(Line, frozen=True, tag="began"):
    """The first line. `start` is the checkpoint that a resumed run began from, beside the log; "" for weights drawn.

    The others are those of `Trainer`.
    """

    config: Config
    start: str
    linger: bool
    paused: bool
    pace: float
    rewindable: bool


class Obeyed(Line, frozen=True, tag="obeyed", omit_defaults=True):
    """A command was obeyed when so many steps were taken; `back_to`: the step that it went back to."""

    step: int
    command: Steering
    back_to: int | None = None


class Ended(Line, frozen=True, tag="ended"):
    """The run ended; `weights` is the SHA-256 of all parameters and buffers."""

    step: int
    reason: str
    weights: str


class CommandLog:
    """Written line by line, beside a checkpoint: a crash loses none. Where it cannot be, that is said once."""

    def __init__(self, checkpoint: Path) -> None:
        self._checkpoint = checkpoint
        self._broken = False

    def begin(self, line: Began) -> None:
        """Begin anew. Raises UserError."""
        self._broken = False
        self._write(line, "wb")

    def add(self, line: Obeyed | Ended) -> None:
        """One more line. Raises UserError, the first time."""
        self._write(line, "ab")

    def _write(self, line: Line, mode: str) -> None:
        if self._broken:
            return
        path = log_path(self._checkpoint)
        try:
            with path.open(mode) as file:
                file.write(msgspec.json.encode(line) + b"\n")
        except OSError as error:
            self._broken = True
            raise UserError(f"log of commands {path}: cannot be written: {error.strerror}") from None


class Record(NamedTuple):
    """A log as read."""

    path: Path
    began: Began
    obeyed: tuple[Obeyed, ...]
    ended: tuple[Ended, ...]


def read_log(path: Path) -> Record:
    """The log of that name, or of the checkpoint of that name. Raises UserError that names the line that is wrong."""
    path = log_path(path) if path.suffix == ".safetensors" else path
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        raise UserError(f"log of commands {path}: no such file") from None
    except OSError as error:
        raise UserError(f"log of commands {path}: cannot be read: {error.strerror}") from None
    read: list[Began | Obeyed | Ended] = []
    for number, line in enumerate(lines, 1):
        try:
            read.append(msgspec.json.decode(line, type=Began | Obeyed | Ended))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if number == len(lines) > 1:
                break  # the run was killed while it wrote
            raise UserError(f"log of commands {path}: line {number} is none: {error}") from None
        if isinstance(read[-1], Began) != (number == 1):
            raise UserError(f"log of commands {path}: line {number} is not where it belongs")
    if not read:
        raise UserError(f"log of commands {path}: is empty")
    began = read[0]
    assert isinstance(began, Began)
    obeyed, ended = ([line for line in read if isinstance(line, kind)] for kind in (Obeyed, Ended))
    return Record(path, began, tuple(obeyed), tuple(ended))  # type: ignore[arg-type]


def log_path(checkpoint: Path) -> Path:
    """Where the log of a run lies: beside its last checkpoint."""
    return checkpoint.with_name(f"{checkpoint.name.removesuffix('.safetensors')}.commands.jsonl")


def digest(learner: Learner) -> str:
    """The SHA-256 of all parameters and buffers, as a checkpoint holds them."""
    found = sha256()
    tensors = {name: parameter.value for name, parameter in learner.model.parameters.items()} | learner.model.buffers
    for name in sorted(tensors):
        found.update(name.encode())
        found.update(tensors[name].tobytes())
    return found.hexdigest()
