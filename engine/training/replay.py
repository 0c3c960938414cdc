"""A run once more, from the log of its commands."""

from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec

from engine.errors import UserError
from engine.machine import available_threads
from engine.training import events as e
from engine.training.checkpoint import load_checkpoint
from engine.training.command_log import Record
from engine.training.commands import AnyCommand, Close
from engine.training.trainer import Trainer

REPORT_S = 0.2


class Script(SimpleQueue[AnyCommand]):
    """Gives a trainer each command of a record at its step; others may be put in, and come first."""

    trainer: Trainer

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record
        self._left = list(reversed(record.obeyed))

    def get(self, block: bool = True, timeout: float | None = None) -> AnyCommand:
        """The next command, if it is due. Raises Empty, without waiting, and UserError for one that never would be."""
        if not self.empty():
            return super().get()
        step = self.trainer.step
        if self._left and self._left[-1].step == step:
            return self._left.pop().command
        if not block or timeout is not None:
            if self._left and step is not None and step > self._left[-1].step:
                raise self._astray(step)
            raise Empty
        if self._left:
            raise self._astray(step)
        return Close()

    def _astray(self, step: int | None) -> UserError:
        expected = self._left[-1]
        what = type(expected.command).__name__
        return UserError(
            f"{self._record.path}: {what} at step {expected.step} does not fit: the replay is at step {step}"
        )


def replay(record: Record, emit: Callable[[e.AnyEvent], None], checkpoint: Path, name: str = "replay") -> Script:
    """The script of a trainer that, when it is run, does all that the record tells. Raises UserError."""
    began = record.began
    start = load_checkpoint(record.path.parent / began.start) if began.start else None
    script = Script(record)
    script.trainer = Trainer(
        msgspec.structs.replace(began.config, threads=min(began.config.threads, available_threads())),
        emit,
        script,
        name=name,
        checkpoint=checkpoint,
        resume=start,
        linger=began.linger,
        paused=began.paused,
        pace=began.pace,
        rewindable=began.rewindable,
        report_interval_s=REPORT_S,
        one_by_one=True,
    )
    return script
