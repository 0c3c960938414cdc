"""The thread that reads what is typed, on a pipe."""

import os
import sys
from contextvars import ContextVar, copy_context
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from textual import events
from textual.driver import Driver

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


class Leader(TerminalDriver):
    """It alone, with what decides whether a move is handed over."""

    def __init__(self) -> None:
        self._led = None
        self._app: Any = SimpleNamespace(mouse_captured=None, call_later=lambda call: self.failures.append(call))
        self._loop: Any = SimpleNamespace(call_soon_threadsafe=lambda call, *about: call(*about))
        self.waiting = 0
        self.failures: list[Any] = []

    def _backlog(self) -> int:
        return self.waiting


def move(button: int = 1) -> events.MouseMove:
    return events.MouseMove(None, 3, 4, 0, 0, button, False, False, False)


def test_moves_are_handed_over_while_the_mouse_is_captured_a_button_is_held_and_no_other_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
):
    usual: list[Any] = []
    monkeypatch.setattr(Driver, "process_message", lambda driver, message: usual.append(message))
    driver, taken = Leader(), list[Any]()
    widget: Any = SimpleNamespace(message_queue_size=0)

    def goes() -> str:
        usual.clear(), taken.clear()
        driver.process_message(move())
        assert len(usual) + len(taken) == 1
        return "over" if taken else "as usual"

    assert goes() == "as usual"
    driver.lead(widget, taken.append)
    assert goes() == "as usual"
    driver._app.mouse_captured = widget
    assert goes() == "over"
    assert driver._last_move_event is taken[0]  # of which Textual makes a release that nobody told of
    driver.waiting = 1
    assert goes() == "as usual"
    driver.waiting, widget.message_queue_size = 0, 1
    assert goes() == "as usual"
    widget.message_queue_size = 0
    driver.process_message(move(button=0))
    assert usual[-1].button == 0
    for kind in (events.MouseUp, events.MouseDown):
        assert goes() == "over"
        # It is on its way, though in no queue yet: what comes behind it is not to overtake it.
        driver.process_message(kind(None, 3, 4, 0, 0, 1, False, False, False))
        assert goes() == "as usual"
        driver.lead(widget, taken.append)
    driver.lead(widget, None)
    assert goes() == "as usual"


def test_what_goes_wrong_with_a_move_ends_the_app_as_elsewhere():
    driver, widget = Leader(), SimpleNamespace(message_queue_size=0)
    driver._app.mouse_captured = widget
    driver.lead(widget, lambda move: 1 / 0)  # type: ignore[arg-type]
    driver.process_message(move())
    with pytest.raises(ZeroDivisionError):
        driver.failures[0]()


def test_who_takes_moves_knows_its_own_surroundings():
    driver, widget, seen = Leader(), SimpleNamespace(message_queue_size=0), list[int]()
    place: ContextVar[int] = ContextVar("place")
    driver._app.mouse_captured = widget
    context = copy_context()
    context.run(place.set, 7)
    context.run(driver.lead, widget, lambda move: seen.append(place.get()))  # type: ignore[arg-type]
    driver.process_message(move())
    assert seen == [7]
