"""The thread that reads what is typed, on a pipe."""

import os
import sys
from threading import Event
from typing import Any

import pytest
from textual import events

if sys.platform == "win32":
    pytest.skip("needs pipes that select takes", allow_module_level=True)

from tui_nn.terminal.driver import DRAG_S, TerminalDriver

DRAG, PRESS, KEY = b"\x1b[<32;10;10M", b"\x1b[<0;10;10M", b"k"


class Clock(Event):
    """Waiting takes no time; what comes meanwhile comes at once."""

    def __init__(self, typing: int, pieces: list[bytes]) -> None:
        super().__init__()
        self.typing, self.pieces = typing, pieces
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        self.type()
        return self.is_set()

    def type(self) -> None:
        if self.pieces:
            os.write(self.typing, self.pieces.pop(0))


class Reader(TerminalDriver):
    """It alone, without a terminal and an application, until a key."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.fileno, typing = os.pipe()
        self.exit_event = Clock(typing, pieces)
        self.input_tty, self._debug, self._late = False, False, False
        self.told: list[list[str]] = []
        """What each read brought."""
        self.exit_event.type()

    def _backlog(self) -> int:
        return 0

    def process_message(self, message: Any) -> None:
        self.told[-1].append(type(message).__name__ + " late" * self._late)
        if isinstance(message, events.Key):
            self.exit_event.set()
        elif not isinstance(message, events.MouseMove):
            self.exit_event.type()


def test_moves_of_a_drag_come_together_and_nothing_else_waits(monkeypatch: pytest.MonkeyPatch):
    reader = Reader([PRESS, DRAG, DRAG * 3, KEY])
    read = os.read
    monkeypatch.setattr(os, "read", lambda *about: reader.told.append([]) or read(*about))
    reader.run_input_thread()
    assert [piece for piece in reader.told if piece] == [
        ["MouseDown"],
        ["MouseMove"],
        ["MouseMove late"],
        ["Key late"],
    ]
    assert reader.exit_event.waits == [DRAG_S] * 2
