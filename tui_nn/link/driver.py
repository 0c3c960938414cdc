"""Textual's driver for terminals, for any link."""

import os
from collections.abc import Mapping
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message

from tui_nn.link.pace import Figures, Link, Pace, budget
from tui_nn.link.screen import Screen
from tui_nn.link.sender import Sender
from tui_nn.terminal.driver import TerminalDriver

ANSWER_S = 1.0
"""So long after a key or a click what Textual writes answers it."""


class LinkDriver(TerminalDriver):
    """Sends cells that changed, a frame at a time: the next one goes when the terminal has answered the one before.

    Textual's own thread for writing has nothing to do: it waits for the terminal, and its queue then stops the app.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._link: Link = "normal"
        self._touched = monotonic()
        self._sender: Sender | None = None

    def limit(self, link: Link) -> None:
        """Keep what moves by itself to what such a link carries."""
        self._link = link
        if self._sender is not None:
            self._sender.limit(budget(link, *super()._get_terminal_size()))

    def write(self, data: str) -> None:
        """Write what answers somebody, if somebody did something lately."""
        self._write(data, urgent=monotonic() - self._touched < ANSWER_S)

    def write_now(self, data: str) -> None:
        """Write what answers somebody."""
        self._write(data, urgent=True)

    def write_later(self, data: str) -> None:
        """Write what answers nobody, and may wait for the budget."""
        self._write(data, urgent=False)

    def free_in_s(self) -> float:
        """Seconds, most likely, until that would be sent."""
        return self._sender.free_in_s() if self._sender is not None else 0.0

    def figures(self) -> Figures:
        """What the link carried lately."""
        return self._sender.figures() if self._sender is not None else Figures(0.0, 0.0, True)

    def start_application_mode(self) -> None:
        if not self._own.lost:
            width, height = super()._get_terminal_size()
            self._sender = Sender(
                Screen(width, height, erases=erases_in_colour(os.environ)),
                Pace(budget(self._link, width, height)),
                self._own.send,
                self._own.encoding,
                self._fail,
                self._own.has_room,
            )
            self._sender.start()
        super().start_application_mode()

    def process_message(self, message: Message) -> None:
        match message:
            case events.CursorPosition():  # or shift+F3, which xterm writes alike; no key here is that
                if self._sender is not None:
                    self._sender.answered(timed=not self._late)
                return
            case events.Key() | events.MouseEvent() | events.Paste():
                self._touched = monotonic()
        super().process_message(message)

    def disable_input(self) -> None:
        if self._sender is not None and not self.exit_event.is_set():
            if self._own.lost:
                self._sender.give_up()
            self._sender.settle()
        super().disable_input()

    def stop_application_mode(self) -> None:
        super().stop_application_mode()
        # What should have taken the screen off was not sent.
        self._own.in_use = self._sender is not None and self._sender.gone and not self._own.lost

    def close(self) -> None:
        if self._sender is not None:
            self._sender.close()
        super().close()

    def _write(self, data: str, *, urgent: bool) -> None:
        if self._sender is not None and self._own.in_use:
            self._sender.write(data, urgent=urgent)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Asked for at the start and when there is a new size, at the start within its signal as well."""
        size = super()._get_terminal_size()
        self._loop.call_soon_threadsafe(self._resize, *size)
        return size

    def _resize(self, width: int, height: int) -> None:
        """Before Textual lays all out anew."""
        self._touched = monotonic()
        if self._sender is not None:
            self._sender.resized(width, height)
            self._sender.limit(budget(self._link, width, height))

    def _enable_mouse_support(self) -> None:
        """Presses, releases, drags and the wheel; without a button held down no move is of interest, and each costs."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1006l\x1b[?1002l\x1b[?1000l")
            self.flush()


def erases_in_colour(environment: Mapping[str, str]) -> bool:
    """Whether erased cells take the background that is set: on all but GNU Screen (without `defbce on`)."""
    return not environment.get("TERM", "").startswith("screen") or "TMUX" in environment
