"""Before all else: the data set is here, downloaded if need be, while commands are listened to."""

from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import perf_counter

import msgspec

from engine import datasets
from engine.datasets.default import EMBEDDED
from engine.downloads.meter import Transfer
from engine.training import commands as c
from engine.training import events as e
from engine.training.config import Config

TELL_S = 0.05
"""Between two events of a download that goes on; commands are looked for far more often."""


class GivenUp(Exception):
    """A download was ended by a command, which is yet to be obeyed where there is a run."""

    def __init__(self, command: c.Close | c.Stop) -> None:
        super().__init__("the download was ended; what came is kept, and the next one goes on from there")
        self.command = command
        self.interrupted = isinstance(command, c.Stop) and command.interrupted


class Obtaining:
    """Downloads for a trainer, in the trainer's thread.

    Commands that wait for the first step are kept in `held`, in order: they came before those still in the queue.
    """

    def __init__(self, emit: Callable[[e.AnyEvent], None], commands: "SimpleQueue[c.AnyCommand]") -> None:
        self.held: deque[c.AnyCommand] = deque()
        self._emit = emit
        self._commands = commands
        self._told_at = 0.0
        self._told: Transfer | None = None

    def obtain(self, config: Config, *, linger: bool, fallback: bool) -> Config:
        """The configuration to go on with: the same, or with the data set that was chosen instead.

        Lingering, a failed download is told, and what to do about it waited for, unless nobody is there any more;
        `fallback` is whether another data set would do. Raises MissingData, UserError for an unknown data set, GivenUp.
        """
        while True:
            try:
                datasets.fetch(config.dataset, self._advance)
                return config
            except datasets.MissingData as error:
                instead = EMBEDDED if fallback else ""
                failed = e.DownloadFailed(config.dataset, str(error), instead)
                offer = f", or go on with --dataset {instead}" if instead else ""
                final = datasets.MissingData(f"{error}{offer}")
            if not linger or c.Detach() in self.held:
                raise final
            self._emit(failed)
            choice = self._next_choice(config)
            if choice is None:
                raise final
            config = choice

    def _advance(self, transfer: Transfer) -> None:
        while True:
            try:
                self._take(self._commands.get(block=False))
            except Empty:
                break
        now = perf_counter()
        begun = self._told is None or self._told.source != transfer.source
        if begun or transfer.done == transfer.total or now - self._told_at >= TELL_S:
            self._told, self._told_at = transfer, now
            self._emit(e.DownloadAdvanced(*transfer))

    def _take(self, command: c.AnyCommand) -> None:
        match command:
            case c.Close() | c.Stop():
                raise GivenUp(command)
            case _:
                self.held.append(command)

    def _next_choice(self, config: Config) -> Config | None:
        """Wait until somebody says how to go on without the data set; None if not at all."""
        self._told = None
        while True:
            match command := self._commands.get():
                case c.Restart():
                    return config
                case c.ChooseDataset(name):
                    return msgspec.structs.replace(config, dataset=name)
                case c.Close() | c.Stop() | c.Detach():
                    return None
                case _:
                    self.held.append(command)
