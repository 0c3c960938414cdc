"""A session of the real dashboard through the link leaves the terminal as Textual alone would."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from tests.tui_nn.link.terminal import Terminal
from tui_nn.link.screen import FRAME_END, Screen

OpenApp = Callable[..., Any]


class Recorder(HeadlessDriver):
    """A driver whose output goes to two terminals: to one as it is, to the other through the link."""

    direct: Terminal
    linked: Terminal
    link: Screen
    sent = 0

    @property
    def is_headless(self) -> bool:
        return False

    def begin(self, width: int, height: int) -> None:
        self.direct, self.linked, self.link = Terminal(width, height), Terminal(width, height), Screen(width, height)
        self._limits = cycle([None, 300, 1, 2000, 100])
        self.written = 0

    def start_application_mode(self) -> None:
        assert self._size is not None
        self.begin(*self._size)
        super().start_application_mode()

    def write(self, data: str) -> None:
        self.direct.feed(data)
        self.written += len(data.encode())
        self._take(data, urgent=True)

    def limit(self, link: str) -> None:
        pass

    def write_now(self, data: str) -> None:
        self.write(data)

    def write_later(self, data: str) -> None:
        self.direct.feed(data)
        self.written += len(data.encode())
        self._take(data, urgent=False)

    def free_in_s(self) -> float:
        return 0.0

    def figures(self) -> None:
        return None

    def resize(self, width: int, height: int) -> None:
        self.direct.resize(width, height)
        self.linked.resize(width, height)
        self.link.start(width, height)

    def _take(self, data: str, *, urgent: bool) -> None:
        self.link.write(data, urgent=urgent)
        if not self.link.within_frame:
            limit = next(self._limits)
            self._send(self.link.frame(limit, only_urgent=limit == 100))

    def _send(self, text: str) -> None:
        self.sent += len(text.encode())
        self.linked.feed(text)

    def agree(self) -> bool:
        """Once all has been sent, both terminals show the same, cell for cell."""
        self._send(self.link.frame())
        assert not self.link.waiting
        return self.direct.cells() == self.linked.cells()


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=str)
async def test_a_session_looks_the_same_through_the_link(
    size: tuple[int, int], open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver", Recorder)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    async with open_app(size=size) as ui:
        driver = ui.app._driver
        ui.app._sync_available = True
        first = ui.run.step
        await ui.until(lambda: ui.run.step > first + 200, "it trains")
        assert driver.agree()
        for keys in (
            "down right",
            "question_mark",
            "escape",
            "l",
            "v",
            "ctrl+p",
            "a",
            "escape",
            "n",
            "T",
            "enter",
            "escape",
        ):
            await ui.press(*keys.split())
            step = ui.run.step
            await ui.until(lambda step=step: ui.run.step > step + 20, "it goes on")
            assert driver.agree(), f"after {keys}"
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused", "it pauses")
        for width, height in ((100, 30), (60, 20), (40, 10), size):
            await ui.pilot.pause(0.3)
            driver.resize(width, height)
            await ui.pilot.resize_terminal(width, height)
            await ui.pilot.pause(0.3)
            assert driver.agree(), f"at {width}x{height}"
        ui.app.theme = "textual-light"
        await ui.pilot.pause(0.3)
        assert driver.agree(), "in another theme"
        assert driver.sent < driver.written / 2
        assert FRAME_END not in driver.link.frame()
