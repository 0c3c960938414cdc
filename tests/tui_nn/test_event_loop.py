"""While the screen's loop works, a core is wanted; while it waits, none."""

import asyncio
import ctypes
from threading import Thread
from time import monotonic, sleep

import pytest

from engine import spare_core
from tui_nn.event_loop import MOST_S, NAP_S, make_loop, take_a_core

LIMIT_S = 30.0


def wanted() -> bool:
    """What compiled code would see."""
    return ctypes.c_int64.from_address(spare_core.WANTED).value != 0


def test_a_core_is_wanted_while_callbacks_run_and_not_while_nothing_is_to_be_done():
    seen: list[bool] = []
    rested = False

    def watch(loop: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
        nonlocal rested
        end = monotonic() + LIMIT_S
        while not rested and monotonic() < end:
            rested = not wanted()
            sleep(0.001)
        loop.call_soon_threadsafe(done.set)

    async def work() -> None:
        done = asyncio.Event()
        await asyncio.sleep(0.001)
        seen.append(wanted())
        await asyncio.sleep(0)
        seen.append(wanted())
        thread = Thread(target=watch, args=[asyncio.get_running_loop(), done])
        thread.start()
        await done.wait()
        seen.append(wanted())
        thread.join()

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(work())
    assert seen == [True, True, True]
    assert rested
    assert not wanted()


def test_the_loop_waits_for_those_that_are_to_leave_a_core_but_not_for_ever(monkeypatch: pytest.MonkeyPatch):
    at_work = ctypes.c_int64.from_address(spare_core.AT_WORK)
    naps: list[tuple[float, bool]] = []
    now = 0.0

    def nap(seconds: float) -> None:
        nonlocal now
        naps.append((seconds, wanted()))
        at_work.value = max(at_work.value - 1, 0)
        now += MOST_S / 4.5

    monkeypatch.setattr("tui_nn.event_loop.sleep", nap)
    monkeypatch.setattr("tui_nn.event_loop.perf_counter", lambda: now)
    try:
        for threads, waits in ((0, 0), (2, 2), (1000, 5)):
            naps.clear()
            at_work.value = threads
            take_a_core()
            assert naps == [(NAP_S, True)] * waits
    finally:
        at_work.value = 0
        spare_core.want(False)
