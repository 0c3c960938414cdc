import gzip
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

from engine import datasets
from engine.datasets import Dataset
from engine.training.commands import AnyCommand, Close
from engine.training.config import make_config
from engine.training.learner import Learner
from engine.training.trainer import Trainer

SIDE, CLASSES = 5, 3


def write_idx(path: Path, values: np.ndarray) -> None:
    header = bytes([0, 0, 8, values.ndim]) + b"".join(length.to_bytes(4, "big") for length in values.shape)
    path.write_bytes(gzip.compress(header + values.astype(np.uint8).tobytes(), mtime=0))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A data set of noisy bright rows, 108 samples to train, 12 to validate, 30 to test: its specification."""
    folder = tmp_path_factory.mktemp("tiny")
    random = np.random.default_rng(5)
    for name, count in (("train", 120), ("t10k", 30)):
        labels = np.arange(count) % CLASSES
        pixels = random.integers(0, 120, (count, SIDE, SIDE))
        pixels[np.arange(count), labels] += 60
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", pixels)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)
    return f"idx:{folder}"


@pytest.fixture(scope="session")
def tiny_data(tiny: str) -> Dataset:
    return datasets.load(tiny)


@pytest.fixture
def configure(tiny: str) -> Callable[..., Any]:
    def make(**settings: Any) -> Any:
        small = {"dataset": tiny, "model": "Flatten, Linear(8), ReLU, Linear(3)", "batch_size": 20, "epochs": 3}
        return make_config({**small, **settings})

    return make


@pytest.fixture
def learn(configure: Callable[..., Any], tiny_data: Dataset) -> Callable[..., Learner]:
    return lambda **settings: Learner(configure(**settings), tiny_data)


class Script(SimpleQueue):
    """Commands that come when the trainer waits for one, and at last Close; others can be put in at any time."""

    def __init__(self, commands: Iterable[AnyCommand]) -> None:
        super().__init__()
        self._commands = iter(commands)

    def get(self, block: bool = True, timeout: float | None = None) -> AnyCommand:
        if block and timeout is None and self.empty():
            return next(self._commands, Close())
        return super().get(block, timeout)


class Run:
    """One trainer, run to its end, with the events that it emitted; `react` sees each event and may give a command."""

    def __init__(self, trainer: Callable[..., Trainer], react: Callable[[Any], AnyCommand | None]) -> None:
        self.events: list[Any] = []
        self._react = react
        self.trainer = trainer(emit=self._emit)
        self.trainer.run()

    def _emit(self, event: Any) -> None:
        self.events.append(event)
        command = self._react(event)
        if command is not None:
            self.trainer._commands.put(command)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def the(self, kind: type) -> Any:
        (event,) = self.of(kind)
        return event

    @property
    def learner(self) -> Learner:
        return self.trainer._learner

    @property
    def weights(self) -> bytes:
        return self.learner.model.values.tobytes()


@pytest.fixture
def train(configure: Callable[..., Any], tmp_path: Path) -> Callable[..., Run]:
    """train(*commands, paused=..., resume=..., **settings) runs a trainer, which gets a command whenever it waits."""

    def start(
        *commands: AnyCommand,
        config: Any = None,
        checkpoint: Path | None = None,
        resume: Any = None,
        react: Callable[[Any], AnyCommand | None] = lambda event: None,
        linger: bool = False,
        paused: bool = False,
        pace: float = 0.0,
        report_interval_s: float = 0.0,
        rewindable: bool = False,
        **settings: Any,
    ) -> Run:
        trainer = partial(
            Trainer,
            config or configure(**settings),
            commands=Script(commands),
            checkpoint=checkpoint or tmp_path / "run.safetensors",
            resume=resume,
            linger=linger,
            paused=paused,
            pace=pace,
            report_interval_s=report_interval_s,
            rewindable=rewindable,
        )
        return Run(trainer, react)

    return start
