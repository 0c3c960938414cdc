"""Cells that differ, as the fewest bytes that change them.

Colour codes are the most of what a screen costs, moves of the cursor come next. So the cells are written colour by
colour, not row by row: each colour is set once a frame. Blanks go with whatever colour has their background.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_nn.link.cells import BLANK, FIRST_CLUSTER, REST, Cells, sure
from tui_nn.link.moves import move
from tui_nn.link.pen import ON_BLANKS, Pen, Pens, change

ERASED = 10
"""From so many blanks on, erasing them is shorter than writing them."""

ERASED_AT_END = 4
"""The same at the end of a row."""

STEPPED_OVER = 4
"""Cells at most that may be shorter to write again than to step over."""


class State(NamedTuple):
    """Where the terminal's cursor is and what it draws with; None where that is not known."""

    x: int | None = None
    y: int | None = None
    pen: Pen | None = None


class Run(NamedTuple):
    """Neighbouring cells of one look, from a place on."""

    place: int
    look: int
    text: str

    @property
    def end(self) -> int:
        return self.place + len(self.text)

    @property
    def blank(self) -> bool:
        return not self.text.strip(" ")


class Writer:
    """Makes the text of one frame; `text` is what has been made, `state` the terminal's after it."""

    def __init__(
        self,
        characters: NDArray[np.uint32],
        looks: NDArray[np.int32],
        pens: Pens,
        cells: Cells,
        state: State,
        erases: bool,
    ) -> None:
        """characters, looks: (height, width), as they are wanted; erases: erased cells take the pen's background."""
        self._width = characters.shape[1]
        self._characters = characters.ravel()
        self._looks = looks.ravel()
        self._pens = pens
        self._cells = cells
        self._erases = erases
        self._x, self._y, self._pen = state
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def state(self) -> State:
        return State(self._x, self._y, self._pen)

    def clear(self, look: int) -> None:
        """Erase the whole screen."""
        self._draw_with(look, blank=True)
        self._parts.append("\x1b[2J")

    def write(self, chosen: NDArray[np.bool_], differs: NDArray[np.bool_]) -> None:
        """Write the chosen cells (height, width) of those that differ, none of them half a wide character."""
        places = np.flatnonzero(chosen)
        if not len(places):
            return
        self._differs = differs.ravel()
        groups: dict[int, list[Run]] = {}
        for run in self._joined(self._runs(places)):
            groups.setdefault(run.look, []).append(run)
        for look in sorted(groups, key=self._order):
            runs = groups[look]
            self._draw_with(look, blank=all(run.blank for run in runs))
            for run in runs:
                self._put(run)

    def go_to(self, x: int, y: int) -> None:
        """Move the cursor."""
        self._parts.append(move(self._x, self._y, x, y))
        self._x, self._y = x, y

    def take_up(self, pen: Pen) -> None:
        """Draw with a pen from here on."""
        self._parts.append(change(self._pen, pen))
        self._pen = pen

    def _runs(self, places: NDArray[np.intp]) -> list[Run]:
        """In reading order."""
        looks = self._looks[places]
        text = self._cells.text(self._characters[places])
        begins = np.empty(len(places), np.bool_)
        begins[0] = True
        begins[1:] = (np.diff(places) != 1) | (looks[1:] != looks[:-1]) | (places[1:] % self._width == 0)
        starts = np.flatnonzero(begins)
        ends = [*starts[1:].tolist(), len(places)]
        return [
            Run(place, look, text[start:end])
            for place, look, start, end in zip(
                places[starts].tolist(), looks[starts].tolist(), starts.tolist(), ends, strict=True
            )
        ]

    def _joined(self, runs: list[Run]) -> list[Run]:
        """With a few blanks counted to the text that they stand beside."""
        on_blank = self._pens.on_blank
        joined: list[Run] = []
        for run in runs:
            last = joined[-1] if joined else None
            if last is not None and last.end == run.place and run.place % self._width:
                look = run.look
                if run.blank and not self._worth_erasing(run) and run.look == on_blank[last.look]:
                    look = last.look
                elif last.blank and not self._worth_erasing(last) and last.look == on_blank[run.look]:
                    last = last._replace(look=run.look)
                if look == last.look and not self._worth_erasing(run) and not self._worth_erasing(last):
                    joined[-1] = last._replace(text=last.text + run.text)
                    continue
            joined.append(run)
        return joined

    def _worth_erasing(self, run: Run) -> bool:
        if not self._erases or not run.blank or self._pens[run.look].attributes & ON_BLANKS:
            return False
        return len(run.text) >= (ERASED_AT_END if run.end % self._width == 0 else ERASED)

    def _order(self, look: int) -> tuple[bool, bool, str, str, list[int]]:
        """The present pen first, then by background."""
        pen, now = self._pens[look], self._pen
        same_ground = now is not None and pen.background == now.background
        return pen != now, not same_ground, pen.background, pen.foreground, sorted(pen.attributes)

    def _draw_with(self, look: int, *, blank: bool) -> None:
        pen = self._pens[look]
        if blank and self._pen is not None and not pen.attributes & ON_BLANKS:
            # Only the ground is seen: whatever else the pen has may stay.
            pen = Pen(self._pen.foreground, pen.background, self._pen.attributes - ON_BLANKS)
        self.take_up(pen)

    def _put(self, run: Run) -> None:
        y, x = divmod(run.place, self._width)
        way = move(self._x, self._y, x, y)
        if self._y == y and self._x is not None and 0 < x - self._x <= STEPPED_OVER:
            between = self._between(run.place - x + self._x, run)
            if between is not None and len(between.encode()) <= len(way):
                way = between
        self._parts.append(way)
        self._x, self._y = x, y
        if self._worth_erasing(run):
            self._parts.append("\x1b[K" if run.end % self._width == 0 else f"\x1b[{len(run.text)}X")
            return
        self._parts.append(self._cells.spelled(run.text))
        # Terminals differ in where the cursor is after the last column, or after characters of unusual width.
        self._x = x + len(run.text) if run.end % self._width and sure(run.text) else None

    def _between(self, start: int, run: Run) -> str | None:
        """What stands between the cursor and the run, if the pen for the run can write it."""
        if self._differs[start : run.place].any():
            return None  # what is not chosen must stay as it is believed to be
        on_blank = self._pens.on_blank
        numbers, looks = self._characters[start : run.place], self._looks[start : run.place].tolist()
        for number, look in zip(numbers.tolist(), looks, strict=True):
            if number >= FIRST_CLUSTER or number == REST:
                return None
            if look != run.look and not (number == BLANK and look == on_blank[run.look]):
                return None
        return self._cells.text(numbers)
