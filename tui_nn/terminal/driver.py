"""Textual's driver on a terminal that may be lost, may be left with ctrl+z, and may send anything."""

import os
import select
import signal
import termios
import tty
from contextlib import suppress
from contextvars import copy_context
from threading import get_ident
from time import sleep
from typing import Any

from textual import constants, events
from textual.app import App
from textual.drivers.linux_driver import (
    KITTY_DISAMBIGUATE_ESCAPE_CODES,
    KITTY_REPORT_ALL_KEYS,
    KITTY_REPORT_ASSOCIATED_TEXT,
    LinuxDriver,
)
from textual.message import Message
from textual.messages import InBandWindowResize
from textual.widget import Widget

from tui_nn.terminal.drag import Take, joined
from tui_nn.terminal.keyboard import CHUNK, Keyboard
from tui_nn.terminal.own_terminal import MODES_OFF, OwnTerminal

KITTY = KITTY_DISAMBIGUATE_ESCAPE_CODES | KITTY_REPORT_ALL_KEYS | KITTY_REPORT_ASSOCIATED_TEXT
"""The keys that Textual asks a terminal for which knows them."""

WAKE_S = 0.05
"""For a signal that came while the process stood still, to be heard of."""

TICK_S = 0.1
"""Between two looks at whether input is still wanted."""

ESCAPE_S = 0.03
"""How long an escape may be the beginning of more; then it was the key."""

DRAG_S = 0.075
"""In which the moves of a mouse that is dragged come together: one by one each takes a core from training, twice."""

BACKLOG = 200
"""Keys and mouse reports that may wait; what is sent faster than it can be obeyed was not typed by a person."""


class TerminalDriver(LinuxDriver):
    """Writes to the OwnTerminal of its app, which has a `terminal`, and a `step_aside` for who asks it to stop."""

    _file: OwnTerminal  # type: ignore[assignment]

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._own: OwnTerminal = app.terminal  # type: ignore[attr-defined]
        self._file = self._own
        self._suspended = False
        self._late = False
        """Whether what is read now may have come a while ago."""
        self._led: tuple[Widget, Take] | None = None
        """Who takes the moves of a mouse that it has captured."""

    def write(self, data: str) -> None:
        # A queue whose thread has ended would take thirty pieces, and then hold its writer for ever.
        if self._own.in_use:
            super().write(data)

    def start_application_mode(self) -> None:
        if self._own.lost:
            return
        self._own.in_use = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._ask_for_sizes_in_turn()
        # Textual leaves early, without a thread that writes, where the terminal cannot be set up.
        self._own.in_use = self._key_thread is not None and self._key_thread.is_alive()
        if not self._own.in_use:
            self._own.lose()

    def _ask_for_sizes_in_turn(self) -> None:
        """Another signal may come while one is obeyed: the size that was asked for first would be told last."""
        tell = signal.getsignal(signal.SIGWINCH)
        if callable(tell):
            signal.signal(signal.SIGWINCH, lambda *about: self._loop.call_soon_threadsafe(tell, *about))
            self._loop.call_soon(tell, signal.SIGWINCH, None)  # one may have come while Textual asked for the first

    def stop_application_mode(self) -> None:
        self.write(MODES_OFF)
        super().stop_application_mode()
        self._own.in_use = False

    def suspend(self) -> None:
        """Stop this process and its group, as ctrl+z does to any other; returns when it goes on, with the screen on."""
        self.suspend_application_mode()
        self._suspended = True
        while True:
            # Others of the group, such as make, or the shell would wait for those.
            before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            os.killpg(0, signal.SIGTSTP)
            signal.signal(signal.SIGTSTP, before)
            # To this thread, so that it goes no further before the process stands.
            signal.pthread_kill(get_ident(), signal.SIGSTOP)
            # A hang-up may have come with what woke it, in another thread: stopped again, it would never be heard of.
            sleep(WAKE_S)
            if self._own.lost or self._own.in_foreground:
                break
        self._suspended = False
        self.resume_application_mode()
        # Textual believes that what it has painted is still there.
        self._app.refresh(layout=True)

    @property
    def can_suspend(self) -> bool:
        """Whether a shell is there to let it go on: not where the program is all that a terminal was opened for."""
        return os.getsid(0) != os.getpgrp()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:  # Textual would leave with status 0
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Have the app end by what ended a thread of the driver."""

        def fail() -> None:
            raise error

        self._app.call_later(fail)

    def run_input_thread(self) -> None:
        """Read until told to stop, or until there is nothing to read any more."""
        constants.ESCAPE_DELAY = ESCAPE_S  # type: ignore[misc]
        keyboard, patience_s = Keyboard(self._debug), TICK_S
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], patience_s)[0]:
                try:
                    data = os.read(self.fileno, CHUNK)
                except OSError:
                    data = b""
                if not data:
                    if self.input_tty:
                        self._own.lose()
                    return
                if b"\x1b" not in data and not keyboard.is_pasting and self._backlog() > BACKLOG:
                    continue  # nothing but keys, and none of them would be taken
                messages = keyboard.feed(data)
                # A little more than the parser waits, or it would ask for another tick.
                patience_s = 1.1 * ESCAPE_S if data.endswith(b"\x1b") else TICK_S
            else:
                messages, patience_s = keyboard.tick(), TICK_S
            dragged = False
            for message in joined(messages):
                self.process_message(message)
                dragged = isinstance(message, events.MouseMove)
            self._late = dragged
            if dragged:
                self.exit_event.wait(DRAG_S)

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.MouseDown | events.MouseUp):
            self._led = None  # it goes Textual's way, and moves behind it must not overtake it
        match message:
            case events.MouseUp():
                pass  # who holds the mouse waits for it
            case events.Key() | events.MouseEvent() if self._backlog() > BACKLOG:
                return
            case events.Resize() | InBandWindowResize():
                return
            case events.MouseMove(button=1 | 2 | 3) if (led := self._led) is not None and self._is_free_for(led[0]):
                self._last_move_event = message
                self._loop.call_soon_threadsafe(self._hand_over, led[1], message)
                return
        super().process_message(message)

    def lead(self, widget: Widget, take: Take | None) -> None:
        """Have moves handed over while the widget has captured the mouse; called by the widget."""
        context = copy_context()  # the widget's own: in it, it knows its app
        self._led = None if take is None else (widget, lambda move: context.run(take, move))

    def _is_free_for(self, widget: Widget) -> bool:
        """Whether no earlier move can still be on its way to it."""
        return self._app.mouse_captured is widget and not self._backlog() and not widget.message_queue_size

    def _hand_over(self, take: Take, move: events.MouseMove) -> None:
        try:
            take(move)
        except Exception as error:
            self._fail(error)

    def _backlog(self) -> int:
        stack = self._app._screen_stack
        return self._app._message_queue.qsize() + (stack[-1]._message_queue.qsize() if stack else 0)

    def _query_in_band_window_resize(self) -> None:
        """SIGWINCH tells of a new size; over ssh what stands among the keys may come before the size itself.

        And with it Textual would have the mouse tell points, of which nothing here makes use.
        """

    def _get_terminal_size(self) -> tuple[int, int]:
        try:
            width, height = self._own.size
        except OSError:
            width = height = 0
        return width or 80, height or 24

    def _sigtstp_application(self, *_: object) -> None:
        """Somebody asks it to stop; the run is to stand still first."""
        self._loop.call_soon_threadsafe(self._app.step_aside)  # type: ignore[attr-defined]

    def _sigcont_application(self, *_: object) -> None:
        """It was stopped without being asked, and others may have used the terminal since."""
        if self._own.in_use and not self._suspended:
            self._loop.call_soon_threadsafe(self._start_anew)

    def _start_anew(self) -> None:
        if not self._own.in_use:
            return
        if not self._own.in_foreground:
            self.suspend()
            return
        # Never by way of a terminal that makes signals of keys: what waits to be read may be one of them.
        with suppress(termios.error):
            attributes = termios.tcgetattr(self.fileno)
            attributes[tty.LFLAG] = self._patch_lflag(attributes[tty.LFLAG])
            attributes[tty.IFLAG] = self._patch_iflag(attributes[tty.IFLAG])
            termios.tcsetattr(self.fileno, termios.TCSANOW, attributes)
        self.write("\x1b[?1049h\x1b[?25l\x1b[?1004h")
        if not constants.DISABLE_KITTY_KEY:
            self.write(f"\x1b[={KITTY};1u")
        self._enable_mouse_support()
        self._enable_bracketed_paste()
        self._disable_line_wrap()
        self._app.refresh(layout=True)
