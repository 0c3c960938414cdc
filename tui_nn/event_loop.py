"""The screen's event loop: while it works, it has a core that training would take otherwise."""

import asyncio
import ctypes
import selectors
import sys
from time import perf_counter, sleep

from engine import spare_core

NAP_S, MOST_S = 30e-6, 400e-6
"""For threads that are to leave a core to end what they are at, and how long there is waited for it. One that is
stopped in the middle of it keeps all others of the crew waiting, for as long as the loop works."""

EXACT_NS, SET_TIMER_SLACK = 1, 29
"""How much longer than asked this thread and those that it begins may sleep, where the system has it 50 us longer, and
what prctl calls that."""


def take_a_core() -> None:
    """Have other threads of the crew step aside, and wait until they have, within reason."""
    spare_core.want(True)
    end = perf_counter() + MOST_S
    while spare_core.at_work() and perf_counter() < end:
        sleep(NAP_S)


class Selector(selectors.DefaultSelector):
    """Between two waits the loop is at work."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As in `selectors`."""
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        spare_core.want(False)
        try:
            return super().select(timeout)
        finally:
            take_a_core()

    def close(self) -> None:
        """As in `selectors`."""
        super().close()
        spare_core.want(False)


def make_loop() -> asyncio.AbstractEventLoop:
    """A new one, for the thread that calls."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_TIMER_SLACK, EXACT_NS, 0, 0, 0)
    return asyncio.SelectorEventLoop(Selector())
