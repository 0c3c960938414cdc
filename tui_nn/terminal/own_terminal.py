"""The terminal under a descriptor of our own: what others print goes to a log, and to be lost is no catastrophe."""

import fcntl
import os
import select
import signal
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, get_ident
from types import FrameType, TracebackType
from typing import Any, Self

from tui_nn.terminal.run_log import RunLog

MODES = (2026, 1000, 1002, 1003, 1005, 1006, 1015, 1016, 1004, 2004, 2048)

MODES_OFF = "".join(f"\x1b[?{mode}l" for mode in MODES) + "\x1b[?7h\x1b[0m"
"""Frames shown as they come; no reports of mouse, focus, pastes or size; lines wrap; no colours."""

LEAVE = f"{MODES_OFF}\x1b[<u\x1b[?1049l\x1b[?25h"
"""Off with all modes, the kitty keys of the alternate screen too; then the normal screen, with its cursor."""

HANDLED = (signal.SIGHUP, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGTTIN, signal.SIGTTOU)


class OwnTerminal:
    """While it is entered, descriptors 1 and 2 are the log, and the terminal is reached through `write` alone.

    It is lost by SIGHUP, by an end of what can be read, or by an error of writing; then its descriptors lead to
    /dev/null, so that whoever still reads or writes ends without waiting, and `on_lost` is called, in any thread. Left
    then, it leaves 1 and 2 as they are: what is printed later stands in the log too.
    """

    def __init__(self, log: RunLog) -> None:
        self.log = log
        self.lost = False
        self.in_use = False
        """Whether a screen is on it, which has to be taken off."""
        self.on_lost: Callable[[], object] = lambda: None
        self.encoding = sys.stdout.encoding
        self._writer: int | None = None
        self._first = Lock()
        self._captured: list[int] = []
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._flush()
        self._fd = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 10)
        self._attributes = termios.tcgetattr(self._fd)
        self._handlers = {number: signal.getsignal(number) for number in HANDLED}
        signal.signal(signal.SIGHUP, self._hang_up)
        # Who has sent the errors elsewhere wants them there.
        for fd in (1, 2) if os.isatty(2) else (1,):
            os.dup2(self.log.fd, fd)
            self._captured.append(fd)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._flush()
        if self.in_use:  # whoever should have taken the screen off has failed
            self._restore()
        if not self.lost:
            for fd in self._captured:
                os.dup2(self._fd, fd)
        for number, handler in self._handlers.items():
            if not (self.lost and number is signal.SIGHUP):
                signal.signal(number, handler or signal.SIG_DFL)
        self.on_lost = lambda: None

    @property
    def size(self) -> os.terminal_size:
        """Columns and rows; (0, 0) where it does not know. Raises OSError."""
        return os.get_terminal_size(self._fd)

    @property
    def in_foreground(self) -> bool:
        """Whether this process may use it; a terminal that is lost keeps nobody waiting."""
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:
            return True

    def write(self, text: str) -> None:
        """Write all of it, in this thread."""
        self.send(text.encode(self.encoding, errors="replace"))

    def send(self, data: bytes) -> bool:
        """Write all of it, in this thread; False if the terminal is gone."""
        left = memoryview(data)
        self._writer = get_ident()
        try:
            while left:
                try:
                    left = left[os.write(self._fd, left) :]
                except BlockingIOError:  # who shares the terminal has made it so
                    select.select([], [self._fd], [])
        except OSError:
            self.lose()
        finally:
            self._writer = None
        return not self.lost

    def has_room(self) -> bool:
        """Whether it takes something at once."""
        return bool(select.select([], [self._fd], [], 0)[1])

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """Whether it is still there."""
        return not self.lost

    def fileno(self) -> int:
        """The descriptor."""
        return self._fd

    def lose(self) -> None:
        """Give the terminal up; called again, does nothing."""
        # Threads and a signal's handler may find out at once, and a handler must not wait.
        if not self._first.acquire(blocking=False):
            return
        self.lost = True
        # It may be there still: anybody can send SIGHUP.
        self._restore(f"tui-nn: hung up; the run goes on, and tells it in {self.log.name}\n")
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, self._fd):
            os.dup2(nothing, fd)
        os.close(nothing)
        # A thread that waits for a terminal which takes nothing tries again after a signal, and there is nothing now.
        if (writer := self._writer) is not None and writer != get_ident():
            signal.pthread_kill(writer, signal.SIGHUP)
        self.on_lost()

    def _restore(self, last_words: str = "") -> None:
        """Take the screen off without waiting for a terminal that takes nothing."""
        was_used, self.in_use = self.in_use, False
        if not was_used:
            return
        with suppress(OSError, termios.error):
            os.set_blocking(self._fd, False)
            os.write(self._fd, (LEAVE + last_words).encode(self.encoding, errors="replace"))
        with suppress(OSError, termios.error):
            os.set_blocking(self._fd, True)
            termios.tcsetattr(self._fd, termios.TCSANOW, self._attributes)

    def _hang_up(self, number: int, frame: FrameType | None) -> None:
        self.lose()

    def _flush(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
