"""When the next frame may go, and how long it may be: by what the terminal has answered, and by a budget."""

from collections import deque
from typing import Literal, NamedTuple, TypeAlias

Link: TypeAlias = Literal["normal", "slow"]

NORMAL_BYTES, NORMAL_CELLS = 10 * 1024, 120 * 40
"""Bytes a second for so many cells or fewer; as many for each on a larger terminal, which has more that moves."""

SLOW_BYTES = 2 * 1024
"""Bytes a second over a slow link, whose speed does not grow with the terminal."""

SAVED_S = 0.25
"""Of a budget that was not used up, what may be used later."""

DEBT_S = 1.5
"""Of what was urgent, what is made up for: after a window was dragged about, the plots must not stand still."""

CHUNK_S = 0.15
"""How long a frame may be on its way: a key that is pressed meanwhile waits for it."""

LEAST_CHUNK = 512

USED = 0.75
"""Of what a link carries, the share that what moves by itself may take: a key that is pressed finds it free."""

ALONE = 256
"""A shorter frame tells the time there and back, a longer one the speed."""

PATIENCE_S, FIRST_PATIENCE_S = 5.0, 1.0
"""For an answer; and for the very first one, for there are terminals that answer nothing."""

DEAF_FRAME_S, DEAF_KEY_S = 0.5, 0.05
"""Between two frames for a terminal that does not answer: of what moves by itself, of what answers somebody."""

SPAN_S = 4.0
"""Over which bytes and frames a second are counted."""


class Figures(NamedTuple):
    """What a link carried lately."""

    bytes_per_second: float
    frames_per_second: float
    answers: bool


def budget(link: Link, width: int, height: int) -> float:
    """Bytes a second for what moves by itself."""
    return SLOW_BYTES if link == "slow" else NORMAL_BYTES * max(1.0, width * height / NORMAL_CELLS)


class Pace:
    """One frame in flight, no more bytes than the budget. Times are seconds of any one clock."""

    def __init__(self, bytes_per_second: float) -> None:
        self.budget = bytes_per_second
        self.deaf = False
        """Whether the terminal lets questions unanswered."""
        self._asked: float | None = None
        self._open, self._unasked = 0, False
        """Questions without an answer, several where it is deaf, and whether a frame without one was the last."""
        self._asked_bytes = 0
        self._heard = False
        self._sent = float("-inf")
        self._free = float("-inf")
        self._there_and_back: float | None = None
        self._speed: float | None = None
        self._took = 0.0
        self._log: deque[tuple[float, int]] = deque()

    @property
    def chunk(self) -> int:
        """Bytes of a frame that the link carries in time; as the budget says until its speed is known."""
        return max(LEAST_CHUNK, int((self._speed or self.budget) * CHUNK_S))

    def wait_s(self, now: float, *, urgent: bool) -> float:
        """Seconds until a frame may go; one that answers somebody is not held back by the budget."""
        patience = PATIENCE_S if self._heard else FIRST_PATIENCE_S
        if self._asked is not None and not self.deaf and now - self._asked >= patience:
            self.deaf = True
        if self.deaf:
            wait = self._sent + (DEAF_KEY_S if urgent else DEAF_FRAME_S) - now
        elif self._asked is not None:
            wait = self._asked + patience - now
        else:
            wait = 0.0
        return max(0.0, wait if urgent else max(wait, self._free - now))

    @property
    def in_flight(self) -> bool:
        """Whether an answer is waited for."""
        return self._asked is not None and not self.deaf

    @property
    def all_read(self) -> bool:
        """Whether the terminal has answered all questions, and nothing was sent behind the last one."""
        return self._heard and self._asked is None and not self._open and not self._unasked

    def free_in_s(self, now: float) -> float:
        """Seconds, most likely, until what moves by itself may go: an answer takes as long as the last one did."""
        if self._asked is not None and now < self._asked + self._took:
            return max(self._asked + self._took, self._free) - now
        return self.wait_s(now, urgent=False)

    def asks(self, now: float) -> bool:
        """Whether the next frame is to end with a question; a terminal that did not answer is asked again at times."""
        return self._asked is None or now - self._asked >= PATIENCE_S

    def sent(self, count: int, now: float, *, asked: bool, urgent: bool = False) -> None:
        """So many bytes have been given to the link; urgent: there was no budget for them."""
        self._sent = now
        rate = self.budget if self._speed is None else min(self.budget, USED * self._speed)
        free = max(self._free, now - SAVED_S) + count / rate
        self._free = min(free, max(self._free, now + DEBT_S)) if urgent else free
        self._log.append((now, count))
        self._forget(now)
        self._open, self._unasked = self._open + asked, not asked
        if asked:
            self._asked, self._asked_bytes = now, count

    def answered(self, now: float, *, timed: bool = True) -> None:
        """The terminal has read all that was sent before its last question; not timed: nobody knows since when."""
        self._open = max(0, self._open - 1)
        if timed and self._asked is not None and not self.deaf:
            took = self._took = max(now - self._asked, 1e-4)
            if self._asked_bytes <= ALONE:
                known = self._there_and_back
                self._there_and_back = took if known is None else min(took, known + 0.1 * (took - known))
            else:
                speed = self._asked_bytes / max(took - (self._there_and_back or 0.0), 1e-3)
                self._speed = speed if self._speed is None else 0.5 * (self._speed + speed)
        self._asked, self._heard, self.deaf = None, True, False

    def figures(self, now: float) -> Figures:
        """Over the last seconds."""
        self._forget(now)
        count = sum(size for _, size in self._log)
        return Figures(count / SPAN_S, len(self._log) / SPAN_S, not self.deaf)

    def _forget(self, now: float) -> None:
        while self._log and self._log[0][0] <= now - SPAN_S:
            self._log.popleft()
