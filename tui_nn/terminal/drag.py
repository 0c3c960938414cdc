"""Moves of a mouse that is dragged, of which many come at once: as one, for each costs Textual as much as a key.

Most are joined before they are read, which alone takes 0.06 ms each; where something else came in between, the messages
are. They need not go through the queues of application, screen and widget either: `lead` has a driver hand them over.
"""

import re
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


_PLACE = r"[1-9]\d{0,3}"
RUN = re.compile(rf"\x1b\[<(?P<held>\d{{1,3}});{_PLACE};{_PLACE}M(?:\x1b\[<(?P=held);{_PLACE};{_PLACE}M)+")
REPORT = re.compile(r"\x1b\[<\d+;(\d+);(\d+)M")
"""Reports of a mouse in a row with the same things held, and one (mode 1006: xterm, ctlseqs, "SGR (1006)")."""

KIND, MOVE = 32 | 64, 32
"""Of what is held the bits that tell moves from presses and the wheel."""


def runs(text: str) -> Iterator[tuple[str, tuple[Offset, ...]]]:
    """The text in pieces, without moves that are followed by another one; with a piece that is such another, those."""
    end = 0
    for run in RUN.finditer(text):
        if int(run["held"]) & KIND == MOVE:
            *passed, _ = (Offset(int(x) - 1, int(y) - 1) for x, y in REPORT.findall(run[0]))
            yield text[end : run.start()], ()
            end = run.end()
            yield text[text.rindex("\x1b", 0, end) : end], tuple(passed)
    yield text[end:], ()


def joined(messages: Iterable[Message]) -> Iterator[Message]:
    """Moves in a row, with the same buttons and keys held, as one; all else as it is."""
    for held, several in groupby(messages, _held):
        if held is None:
            yield from several
            continue
        moves = [move for move in several if isinstance(move, events.MouseMove)]
        *passed, _ = (place for move in moves for place in (*_passed(move), move.screen_offset))
        yield MouseMove.after(tuple(passed), moves[-1]) if passed else moves[-1]


def path(event: events.MouseEvent) -> list[tuple[int, int]]:
    """The cells of the widget that the pointer went through, ending where it is."""
    left, top = event.screen_x - event.x, event.screen_y - event.y
    return [*((x - left, y - top) for x, y in _passed(event)), (event.x, event.y)]


def _passed(event: events.MouseEvent) -> tuple[Offset, ...]:
    return event.passed if isinstance(event, MouseMove) else ()


def _held(message: Message) -> tuple[int, bool, bool, bool] | None:
    """While a mouse moves; None: it is another message."""
    if isinstance(message, events.MouseMove):
        return message.button, message.shift, message.meta, message.ctrl
    return None
