"""Moves of a mouse that is dragged, of which many come at once: as one, for each costs Textual as much as a key.

They need not go through the queues of application, screen and widget either: `lead` has a driver hand them over.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Protocol, runtime_checkable

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.widget import Widget

Take = Callable[[events.MouseMove], object]


@runtime_checkable
class Leads(Protocol):
    """A driver that can hand moves over."""

    def lead(self, widget: Widget, take: Take | None) -> None:
        """As `lead` says."""


def lead(widget: Widget, take: Take | None) -> None:
    """While the widget has captured the mouse, have `take` called with moves, in cells of the screen; None: no more.

    Moves that a driver does not hand over, or not yet, come to the widget as they always do.
    """
    driver = widget.app._driver
    if isinstance(driver, Leads):
        driver.lead(widget, take)


class MouseMove(events.MouseMove):
    """The last of several moves; `passed` are the places on the screen where the pointer was before, first to last."""

    passed: tuple[Offset, ...] = ()

    @classmethod
    def after(cls, passed: tuple[Offset, ...], last: events.MouseMove) -> "MouseMove":
        """The last move, and what it passed."""
        move = cls(
            last.widget,
            last._x,
            last._y,
            last._delta_x,
            last._delta_y,
            last.button,
            last.shift,
            last.meta,
            last.ctrl,
            last._screen_x,
            last._screen_y,
            last._style,
        )
        move.passed = passed
        return move


def joined(messages: Iterable[Message]) -> Iterator[Message]:
    """Moves in a row, with the same buttons and keys held, as one; all else as it is."""
    for held, several in groupby(messages, _held):
        if held is None:
            yield from several
            continue
        *passed, last = (move for move in several if isinstance(move, events.MouseMove))
        yield MouseMove.after(tuple(move.screen_offset for move in passed), last) if passed else last


def path(event: events.MouseEvent) -> list[tuple[int, int]]:
    """The cells of the widget that the pointer went through, ending where it is."""
    passed = event.passed if isinstance(event, MouseMove) else ()
    left, top = event.screen_x - event.x, event.screen_y - event.y
    return [*((x - left, y - top) for x, y in passed), (event.x, event.y)]


def _held(message: Message) -> tuple[int, bool, bool, bool] | None:
    """While a mouse moves; None: it is another message."""
    if isinstance(message, events.MouseMove):
        return message.button, message.shift, message.meta, message.ctrl
    return None
