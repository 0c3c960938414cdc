"""A download in words."""

from typing import Protocol

MEGA = 1_000_000


class Transfer(Protocol):
    """What an event of a running download and the engine's own report have in common."""

    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def bytes_per_second(self) -> float: ...
    @property
    def source(self) -> str: ...


def megabytes(count: float) -> str:
    """As people say it: 11.6 MB, 0.03 MB."""
    return f"{count / MEGA:.1f} MB" if count >= MEGA / 10 or not count else f"{count / MEGA:.2f} MB"


def transferred(transfer: Transfer) -> str:
    """How far it is, and how fast: "3.2 of 11.6 MB, 1.4 MB/s"."""
    speed = f", {megabytes(transfer.bytes_per_second)}/s" if transfer.bytes_per_second else ""
    return f"{transfer.done / MEGA:.1f} of {megabytes(transfer.total)}{speed}"


class Tenths:
    """Which reports are worth a line where nothing can be overwritten: each tenth of the bytes, each other server."""

    def __init__(self) -> None:
        self._last: tuple[int, str] | None = None

    def passed(self, transfer: Transfer) -> bool:
        """Whether this one is."""
        now = (10 * transfer.done // transfer.total, transfer.source)
        new = now != self._last
        self._last = now
        return new
