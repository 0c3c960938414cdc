"""Textual's driver for terminals, for any link."""

from typing import Any

from textual.app import App

from tui_nn.terminal.driver import TerminalDriver


class LinkDriver(TerminalDriver):
    """What Textual writes, made fit for the link."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)

    def _enable_mouse_support(self) -> None:
        """Presses, releases, drags and the wheel; without a button held down no move is of interest, and each costs."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1006l\x1b[?1002l\x1b[?1000l")
            self.flush()
