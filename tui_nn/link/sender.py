"""What sends frames, and its thread, which alone waits for the terminal.

A frame that may go at once is made by who wrote it, or heard that the one before was read, and sent as well where the
terminal has room for it: between threads that all want the interpreter it would take several times as long.
"""

from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from threading import Condition, Thread, get_native_id
from time import monotonic

from tui_nn.link.pace import Figures, Pace
from tui_nn.link.screen import Screen

QUESTION = "\x1b[6n"
"""Where is the cursor: a terminal answers when it has read all before it."""

CLOSING_S = 3.0
"""How long the end waits for a terminal that does not read."""

SETTLING_S = 1.0
"""How long it waits for the answer to the last question, which would stand behind the shell's prompt."""


ROOM = 2048
"""Bytes that a terminal which has read all before them has room for: Linux holds 4,096 and more."""


class Sender:
    """Takes text from any thread.

    `send` writes to the terminal, and waits for it; it returns False once that is gone. It is called in the sender's
    own thread, or, where `has_room` says that it need not wait, in the one that writes or hears an answer. `fail` is
    called in any of these with what was a mistake of ours: nothing is sent any more.
    """

    def __init__(
        self,
        screen: Screen,
        pace: Pace,
        send: Callable[[bytes], bool],
        encoding: str,
        fail: Callable[[Exception], object],
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self.gone = False
        """Whether the terminal is gone: what is written is dropped."""
        self._screen = screen
        self._pace = pace
        self._send = send
        self._encoding = encoding
        self._fail = fail
        self._has_room = has_room
        self._asking, self._closing = True, False
        self._made = b""
        """A frame that is to be sent."""
        self._sending = False
        self._looks_at = inf
        """When the thread looks again whether a frame may go, unless it is woken."""
        self._woken = Condition()
        self._thread = Thread(target=self._run, name="link", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def write(self, text: str, *, urgent: bool) -> None:
        """Change the wanted screen; urgent: it answers somebody, and is not held back by the budget."""
        with self._woken:
            if not self.gone:
                self._screen.write(text, urgent=urgent)
                self._go_on()

    def limit(self, bytes_per_second: float) -> None:
        """Of what moves by itself."""
        with self._woken:
            self._pace.budget = bytes_per_second
            self._go_on()

    def resized(self, width: int, height: int) -> None:
        """The terminal's screen has this size now, and what it shows is not known."""
        with self._woken:
            if (width, height) == self._screen.size:
                self._screen.lose()
            else:
                self._screen.start(width, height)
            self._woken.notify_all()

    def answered(self, *, timed: bool = True) -> None:
        """The terminal has answered; not timed: a while ago."""
        with self._woken:
            self._pace.answered(monotonic(), timed=timed)
            self._go_on()

    def free_in_s(self) -> float:
        """Seconds, most likely, until what moves by itself may be sent."""
        with self._woken:
            return self._pace.free_in_s(monotonic())

    def figures(self) -> Figures:
        """What the link carried lately."""
        with self._woken:
            return self._pace.figures(monotonic())

    def settle(self) -> None:
        """Ask nothing more, and wait a moment for the answer that is due."""
        with self._woken:
            self._asking = False
            self._woken.wait_for(lambda: self.gone or not self._pace.in_flight, SETTLING_S)

    def close(self) -> None:
        """Send all that is left, waiting for no answer, and end; a terminal that does not read is left."""
        with self._woken:
            self._closing = True
            self._woken.notify_all()
        self._thread.join(CLOSING_S)

    def give_up(self) -> None:
        """The terminal is gone: drop what is written from now on."""
        with self._woken:
            self.gone = self._closing = True
            self._woken.notify_all()

    def _run(self) -> None:
        with suppress(OSError):  # top -H then tells it from the threads that train
            Path(f"/proc/self/task/{get_native_id()}/comm").write_text("link")
        try:
            while (data := self._next()) is not None:
                if data and not self._send(data):
                    self.give_up()
                    return
        except Exception as error:
            self.give_up()
            self._fail(error)

    def _next(self) -> bytes | None:
        """Wait for what may be sent; None at the end."""
        with self._woken:
            self._sending = False
            while not self._closing and not self._made:
                wait = self._due_s()
                if wait == 0:
                    self._sending = True
                    return self._make()
                self._looks_at = inf if wait is None else monotonic() + wait
                self._woken.wait(wait)
            self._sending = True
            data, self._made = self._made, b""
            if self._closing:
                data += b"" if self.gone else self._screen.frame().encode(self._encoding, "replace")
            return data or None

    def _go_on(self) -> None:
        """Make what may go now, and have the thread do what is left: to wake it costs training a core for a moment.

        At the end somebody waits for the last answer, whether or not anything is left.
        """
        if not self._made and not self._sending and not self._closing and self._due_s() == 0:
            try:
                self._make_now()
            except Exception as error:
                self.gone = self._closing = True
                self._fail(error)
        due = self._due_s()
        if self._made or self._closing or not self._asking or (due is not None and monotonic() + due < self._looks_at):
            self._woken.notify_all()

    def _make_now(self) -> None:
        """A frame; it is sent as well where that keeps nobody waiting."""
        all_read = self._asking and self._pace.all_read
        data = self._make()
        # One that was stopped, as by a console's Scroll Lock, takes nothing though it has read everything.
        if not all_read or len(data) > ROOM or not self._has_room():
            self._made = data
        elif data and not self._send(data):
            self.give_up()

    def _make(self) -> bytes:
        """A frame that may go now."""
        now = monotonic()
        only_urgent = self._pace.wait_s(now, urgent=False) > 0
        text = self._screen.frame(self._pace.chunk, only_urgent=only_urgent)
        if not text:
            return b""
        asks = self._asking and self._pace.asks(now)
        data = (text + QUESTION * asks).encode(self._encoding, "replace")
        # Counted from here on, for an answer may come before the system says that all is written.
        self._pace.sent(len(data), now, asked=asks, urgent=only_urgent)
        return data

    def _due_s(self) -> float | None:
        """Seconds until a frame may go; None while there is none."""
        if self._screen.within_frame or not self._screen.waiting:
            return None
        return self._pace.wait_s(monotonic(), urgent=self._screen.hurried)
