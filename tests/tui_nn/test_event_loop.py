"""While the screen's loop works, a core is wanted; while it waits, none."""

import asyncio
import ctypes
from threading import Thread
from time import monotonic, sleep

from engine import spare_core
from tui_nn.event_loop import make_loop

LIMIT_S = 30.0


def wanted() -> bool:
    """What compiled code would see."""
    return ctypes.c_int64.from_address(spare_core.ADDRESS).value != 0


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
