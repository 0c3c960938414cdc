"""The screen's event loop: while it works, it has a core that training would take otherwise."""

import asyncio
import selectors

from engine import spare_core


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
            spare_core.want(True)

    def close(self) -> None:
        """As in `selectors`."""
        super().close()
        spare_core.want(False)


def make_loop() -> asyncio.AbstractEventLoop:
    """A new one."""
    return asyncio.SelectorEventLoop(Selector())
