"""How far a download is, and how fast."""

from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

WINDOW_S = 3.0
"""What the speed is a mean over: it should be read, not chased."""


class Transfer(NamedTuple):
    """So many bytes of all files of `name` are here; `source` is who gives them, or what is waited for."""

    name: str
    done: int
    total: int
    bytes_per_second: float
    source: str


Watch = Callable[[Transfer], None]
"""Called many times a second while a download lasts, also while nothing comes. What it raises ends the download."""


class Meter:
    """Counts the bytes of several files, and tells."""

    def __init__(self, name: str, total: int, watch: Watch) -> None:
        self._name = name
        self._total = total
        self._watch = watch
        self._received = 0
        self._marks: deque[tuple[float, int]] = deque([(perf_counter(), 0)])
        self.before = 0
        """Bytes of the files before this one."""

    def tell(self, done: int, received: int, source: str) -> None:
        """`done` bytes of the present file are here, `received` of them since the last call."""
        self._received += received
        now = perf_counter()
        self._marks.append((now, self._received))
        while len(self._marks) > 2 and now - self._marks[0][0] > WINDOW_S:
            self._marks.popleft()
        since, received_then = self._marks[0]
        speed = (self._received - received_then) / (now - since) if now > since else 0.0
        self._watch(Transfer(self._name, self.before + done, self._total, speed, source))
