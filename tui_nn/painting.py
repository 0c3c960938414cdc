"""Changed text straight to the terminal.

To repaint a few rows Textual renders every widget around them anew: some 8 ms a frame at 120x40, in which a training
thread has no core. Rows that are ready, on a screen that nothing lies over, need none of it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from textual.app import App
from textual.screen import Screen
from textual.widgets import Tooltip
from textual.widgets._toast import ToastRack

from tui_nn.link.linked import Linked

SYNC_BEGIN, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
"""The terminal shows what is between them at once (github.com/contour-terminal/vt-extensions)."""


class Patch(NamedTuple):
    """Text for one row of the screen, from a column on, with its codes of colour."""

    x: int
    y: int
    text: str


def is_bare(screen: Screen[Any]) -> bool:
    """Whether the screen is the top one and no message or tooltip lies over a part of it."""
    if screen.app.screen_stack[-1] is not screen:
        return False
    return not any(isinstance(widget, Tooltip | ToastRack) and widget.display for widget in screen.children)


def paint(app: App[Any], patches: Iterable[Patch], *, answers: bool = True) -> None:
    """Write the patches, in one piece; what answers nobody may wait until the link has room for it."""
    driver = app._driver
    if driver is None or app.is_headless:
        return
    text = "".join(f"\x1b[{patch.y + 1};{patch.x + 1}H{patch.text}" for patch in patches)
    if text:
        write = driver.write
        if isinstance(driver, Linked):
            write = driver.write_now if answers else driver.write_later
        write(f"{SYNC_BEGIN}{text}{SYNC_END}" if app._sync_available else text)
