"""What a driver offers that knows its link; others (headless, a browser, Windows) do not."""

from typing import Protocol, runtime_checkable

from tui_nn.link.pace import Figures, Link


@runtime_checkable
class Linked(Protocol):
    """A driver that sends no more than its link carries."""

    def limit(self, link: Link) -> None:
        """Keep what moves by itself to what such a link carries."""

    def write_now(self, data: str) -> None:
        """Write what answers somebody."""

    def write_later(self, data: str) -> None:
        """Write what answers nobody, and may wait for the budget."""

    def free_in_s(self) -> float:
        """Seconds, most likely, until that would be sent."""

    def figures(self) -> Figures:
        """What the link carried lately."""
