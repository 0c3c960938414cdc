"""A run in a worker thread of this process: events come out of a buffer, commands go into a queue."""

from collections.abc import Callable
from math import inf
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from engine.interpreter import share
from engine.training.commands import AnyCommand
from engine.training.config import Config
from engine.training.events import AnyEvent, RunFailed
from tui_nn.event_buffer import EventBuffer

if TYPE_CHECKING:
    from engine.training.checkpoint import Checkpoint

USUAL = (0.0005, 0.00002)
"""Seconds for which a thread may keep the interpreter from another, and from training that has ended a row of steps:
Python's own 5 ms would hold up steps by every frame."""

HURRIED, HURRY_S = (0.005, 0.005), 0.2
"""The same for so long after somebody did something: each time that the screen hands over, it waits for a step."""


class Session:
    """One trainer, its thread and its two queues. `run` is the thread's work; all else is called by the screen."""

    def __init__(
        self,
        config: Config,
        checkpoint: Path,
        *,
        name: str = "run",
        resume: "Checkpoint | None" = None,
        pace: float = 0.0,
        paused: bool = False,
    ) -> None:
        self.config = config
        self.name = name
        self.checkpoint = checkpoint
        self.pace = pace
        self._resume = resume
        self._paused = paused
        self._hurried = -inf
        self._buffer = EventBuffer()
        self._commands: SimpleQueue[AnyCommand] = SimpleQueue()
        self._thread: Thread | None = None

    def start(self, ended: Callable[[], object] = lambda: None) -> None:
        """Begin, unless it has begun; `ended` is called in the training thread when all has been told.

        The thread is nobody's but the session's: it goes on when the screen has gone.
        """
        if self._thread is None:
            self._thread = Thread(target=self._run_to_end, args=[ended], name="training")
            self._thread.start()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end; whether it has come."""
        if self._thread is not None:
            self._thread.join(timeout)
        return not self.running

    @property
    def running(self) -> bool:
        """Whether it has begun and not ended."""
        return self._thread is not None and self._thread.is_alive()

    def run(self) -> None:
        """Train until closed. The engine is imported here, after the first frame is on the screen."""
        share(*USUAL)
        try:
            from engine.training.trainer import Trainer

            Trainer(
                self.config,
                self._buffer.put,
                self._commands,
                name=self.name,
                checkpoint=self.checkpoint,
                resume=self._resume,
                linger=True,
                pace=self.pace,
                paused=self._paused,
                rewindable=True,
            ).run()
        except Exception as error:  # the screen says so; it does not die
            self._buffer.put(RunFailed(0, f"{type(error).__name__}: {error}"))

    def _run_to_end(self, ended: Callable[[], object]) -> None:
        try:
            self.run()
        finally:
            ended()

    def hurry(self) -> None:
        """Somebody waits for the screen: for a moment the training leaves it the interpreter."""
        self._hurried = monotonic()
        share(*HURRIED)

    def rest(self) -> bool:
        """To be called now and then: once the moment has passed, training goes before. Whether it has."""
        passed = monotonic() - self._hurried > HURRY_S
        if passed:
            share(*USUAL)
        return passed

    def call_on_answer(self, wake: Callable[[], object]) -> None:
        """Have `wake` called, in the training thread, when there is an event that somebody waits for."""
        self._buffer.on_answer = wake

    def send(self, command: AnyCommand) -> None:
        """Leave a command for the training thread."""
        self._commands.put(command)

    def events(self) -> list[AnyEvent]:
        """What happened since the last call."""
        return self._buffer.drain()
