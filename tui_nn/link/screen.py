"""The terminal's screen twice: as it is wanted, and as the terminal has it.

What a program writes is read, not passed on: it changes the wanted screen. A frame brings the terminal from what it
has to what is wanted; so frames that a link has no room for become one.
"""

import re

import numpy as np
from numpy.typing import NDArray

from tui_nn.link.cells import BLANK, NARROW, REST, UNKNOWN, Cells
from tui_nn.link.difference import State, Writer
from tui_nn.link.pen import ON_BLANKS, RESETS, Pens
from tui_nn.link.tokens import PAGE_MODES, QUIET_MODES, Tokens

FRAME_BEGIN, FRAME_END = "\x1b[?2026h", "\x1b[?2026l"
"""A terminal that knows them shows what is between them at once."""

DRAWN = (0x2580, 0x259F), (0x2800, 0x28FF)
"""Block elements and Braille patterns (Unicode 16.0, charts 2580 and 2800)."""

CLEARED = 0.5
"""Of the cells, the share from which on it may be shorter to begin with a blank screen."""


class Row:
    """Text put side by side, of which each character takes one cell."""

    def __init__(self, y: int, start: int) -> None:
        self.y, self.start, self.end = y, start, start
        self.texts: list[str] = []
        self.pens: list[int] = []

    def add(self, text: str, pen: int) -> None:
        """Behind what is there."""
        self.texts.append(text)
        self.pens.append(pen)
        self.end += len(text)


class Screen:
    """Reads what is written to a terminal of that size, and makes the frames that are sent to it."""

    def __init__(self, width: int, height: int, *, erases: bool = True) -> None:
        """erases: erased cells take the background that is set, as on all terminals but a few."""
        self._erases = erases
        self._tokens = Tokens()
        self._framed = False
        self.within_frame = False
        """Whether the beginning of a frame has been written, and not its end."""
        self.start(width, height)

    def start(self, width: int, height: int) -> None:
        """Forget everything: the terminal has another size, or shows something else."""
        self.width, self.height = max(width, 1), max(height, 1)
        shape = self.height, self.width
        self._pens, self._cells = Pens(), Cells()
        self._wanted, self._pen_of = np.full(shape, UNKNOWN, np.uint32), np.zeros(shape, np.int32)
        self._sent, self._sent_look = np.full(shape, UNKNOWN, np.uint32), np.zeros(shape, np.int32)
        self._urgent = np.zeros(shape, np.bool_)
        self._x: int | None = None
        self._y = 0
        self._pen: int | None = None
        self._row = Row(0, 0)
        self._state = State()
        self._raw: list[str] = []
        self._changed = self._hurried = self._parked = False
        self._first_row = 0
        self._writes, self._answered_at = 0, np.zeros(self.height, np.int64)

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def waiting(self) -> bool:
        """Whether something may be there to be sent."""
        return self._changed or bool(self._raw)

    @property
    def hurried(self) -> bool:
        """Whether something of that is urgent."""
        return self._hurried or bool(self._raw)

    def write(self, text: str, *, urgent: bool = True) -> None:
        """Take in what a program writes; urgent: it answers somebody."""
        self._writes += 1
        for token in self._tokens.cut(text):
            match token.lastgroup:
                case "pen":
                    self._set_pen(token)
                case "text":
                    self._put(token[0], urgent)
                case "column" | "row":
                    self._go_to(int(token["column"] or 1) - 1, int(token["row"] or 1) - 1)
                case "final":
                    self._step_or_erase(token, urgent)
                case "control":
                    self._control(token[0])
                case "frame":
                    self.within_frame, self._framed = token["frame"] == "h", True
                case "switch":
                    self._set_modes(token)
                case "aside":
                    self._raw.append(token[0])
                case _ if token[0].startswith("\x1b[") and token[0].endswith(("H", "f")):
                    self._go_to(0, 0)
                case _:
                    self._pass(token[0])
        self._set_row(urgent)

    def lose(self) -> None:
        """What the terminal has is not known any more; what is wanted is."""
        self._sent[:] = UNKNOWN
        self._state = State()
        self._changed = self._hurried = True
        self._urgent[:] = True

    def frame(self, limit: int | None = None, *, only_urgent: bool = False) -> str:
        """What is to be sent next, of about that many bytes if it can be cut; empty if there is nothing.

        Of a frame that is too long the urgent cells come first, words before what pictures are made of, rows of the
        latest answer before others and from the top down; then the rest, each time from another row on.
        """
        raw, self._raw = "".join(self._raw), []
        text = self._difference(limit, only_urgent)
        if text and self._framed:
            text = f"{FRAME_BEGIN}{text}{FRAME_END}"
        return raw + text

    def _difference(self, limit: int | None, only_urgent: bool) -> str:
        if not self._changed:
            return ""
        looks = self._looks()
        differs = self._differing(looks)
        cleared = "" if only_urgent and (differs & ~self._urgent).any() else self._clear(differs, looks)
        if cleared:
            differs = self._differing(looks)
            self._urgent |= differs
        urgent = self._whole(differs & self._urgent)
        chosen = urgent if only_urgent else differs
        text = cleared
        if chosen.any() or self._parked:
            writer = self._written(chosen, differs, looks)
            if limit is not None and chosen.any() and len(cleared) + len(writer.text.encode()) > limit * 1.25:
                chosen = self._first_of(chosen, urgent, differs, looks, max(limit - len(cleared), 0))
                writer = self._written(chosen, differs, looks)
            text += writer.text
            self._state = writer.state
            self._sent[chosen] = self._wanted[chosen]
            self._sent_look[chosen] = looks[chosen]
            self._urgent[chosen] = False
        left = differs & ~chosen
        self._changed = bool(left.any())
        self._hurried = self._changed and bool((left & self._urgent).any())
        if not self._changed:
            self._urgent[:] = False
        return text

    def _looks(self) -> NDArray[np.int32]:
        """By cell, how it is drawn as far as that is seen: on blanks only the background is."""
        return np.where(self._wanted == BLANK, self._pens.on_blank[self._pen_of], self._pen_of)

    def _differing(self, looks: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Cells that the terminal has otherwise; of a wide character both halves or none."""
        differs: NDArray[np.bool_] = (self._wanted != self._sent) | (looks != self._sent_look)
        differs &= self._wanted != UNKNOWN
        return self._whole(differs)

    def _first_of(
        self,
        chosen: NDArray[np.bool_],
        urgent: NDArray[np.bool_],
        differs: NDArray[np.bool_],
        looks: NDArray[np.int32],
        room: int,
    ) -> NDArray[np.bool_]:
        """What comes first of what takes too many bytes: about as much as there is room for."""

        def size(part: NDArray[np.bool_]) -> int:
            return len(self._written(part, differs, looks).text.encode()) if part.any() else 0

        if not urgent.any():
            return self._rows_of(chosen, self._rows_in_turn(), room / size(chosen))
        if (whole := size(urgent)) <= room * 1.25:
            return urgent
        rows, words = np.argsort(-self._answered_at, kind="stable"), self._words(urgent, looks)
        if (said := size(words)) > room * 1.25:
            return self._rows_of(words, rows, room / said)
        drawn = urgent & ~words
        if not drawn.any():
            return words
        # Some of the pictures each time, or those would never come while words go on changing.
        return words | self._whole(self._rows_of(drawn, rows, max(room - said, 0) / max(whole - said, 1))) & urgent

    def _words(self, chosen: NDArray[np.bool_], looks: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Without the dots, blocks and coloured blanks, which are many and say less."""
        blank = self._wanted == BLANK
        usual = int(np.bincount(looks[blank]).argmax()) if blank.any() else 0
        drawn = blank & (looks != usual)
        for first, last in DRAWN:
            drawn |= (self._wanted >= first) & (self._wanted <= last)
        return self._whole(chosen & ~drawn) & chosen

    def _whole(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """With the other halves of wide characters, those that are there and those that will be."""
        if not self._cells.wide:
            return chosen
        pairs = (self._wanted[:, 1:] == REST) | (self._sent[:, 1:] == REST)
        chosen = chosen.copy()
        count = -1
        while count != (count := int(chosen.sum())):
            chosen[:, :-1] |= chosen[:, 1:] & pairs
            chosen[:, 1:] |= chosen[:, :-1] & pairs
        return chosen

    def _writer(self, looks: NDArray[np.int32]) -> Writer:
        return Writer(self._wanted, looks, self._pens, self._cells, self._state, self._erases)

    def _written(self, chosen: NDArray[np.bool_], differs: NDArray[np.bool_], looks: NDArray[np.int32]) -> Writer:
        writer = self._writer(looks)
        writer.write(chosen, differs)
        if self._parked and self._x is not None:
            writer.go_to(min(self._x, self.width - 1), self._y)
        return writer

    def _clear(self, differs: NDArray[np.bool_], looks: NDArray[np.int32]) -> str:
        """Where most of the screen is another one: make it blank, in the commonest blank, if fewer cells are left then.

        Cells are counted, for to write both ways and compare the bytes takes longer than the rest of a frame.
        """
        if not self._erases or differs.mean() < CLEARED or (self._wanted == UNKNOWN).any():
            return ""
        blanks = looks[self._wanted == BLANK]
        look = int(np.bincount(blanks).argmax()) if len(blanks) else self._pens.plain
        if self._pens[look].attributes & ON_BLANKS:
            return ""
        shown = (self._wanted != BLANK) | (looks != look)
        if shown.sum() >= differs.sum():
            return ""
        writer = self._writer(looks)
        writer.clear(look)
        self._state = writer.state
        self._sent[:], self._sent_look[:] = BLANK, look
        return writer.text

    def _rows_in_turn(self) -> NDArray[np.int64]:
        """All rows, from where the last frame ended."""
        return np.roll(np.arange(self.height), -self._first_row)

    def _rows_of(self, chosen: NDArray[np.bool_], order: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
        """About that share of the cells: whole rows in that order, one at least."""
        counts = chosen.sum(axis=1)[order].cumsum()
        enough = int(np.searchsorted(counts, counts[-1] * share, side="right"))
        # Rows without a change cost nothing; with none at all the frame would be empty for ever.
        rows = order[: max(enough, int(np.flatnonzero(counts)[0]) + 1)]
        self._first_row = int(rows[-1] + 1) % self.height
        part = np.zeros_like(chosen)
        part[rows] = chosen[rows]
        return part

    def _set_pen(self, token: re.Match[str]) -> None:
        codes = token["pen"]
        pen = self._pens.plain if codes.startswith(RESETS) else self._pen
        pen = None if pen is None else self._pens.after(pen, codes)
        if pen is None:
            self._pass(token[0])
        else:
            self._pen = pen

    def _put(self, text: str, urgent: bool) -> None:
        x, pen, row = self._x, self._pen, self._row
        if x is None or pen is None or x + len(text) > self.width or not NARROW.fullmatch(text):
            self._put_wide(text, urgent)
            return
        if (row.y, row.end) != (self._y, x):
            self._set_row(urgent)
            row = self._row = Row(self._y, x)
        row.add(text, pen)
        self._x = row.end
        self._changed, self._parked = True, False

    def _put_wide(self, text: str, urgent: bool) -> None:
        """What may have characters of other than one cell, or no room."""
        self._set_row(urgent)
        numbers = None if self._x is None or self._pen is None else self._cells.read(text)
        if numbers is None or self._x is None or self._pen is None or self._x + len(numbers) > self.width:
            self._pass(text)
            return
        start, self._x, self._parked = self._x, self._x + len(numbers), False
        self._set(self._y, start, self._x, numbers, self._pen, urgent)

    def _set_row(self, urgent: bool) -> None:
        """What was put side by side, at once: by itself each of a picture's cells would cost as much as a row."""
        row = self._row
        if row.texts:
            self._row = Row(0, 0)
            numbers = np.frombuffer("".join(row.texts).encode("utf-32-le"), np.uint32)
            pens = np.repeat(np.array(row.pens, np.int32), [len(text) for text in row.texts])
            self._set(row.y, row.start, row.end, numbers, pens, urgent)

    def _set(
        self,
        y: int,
        start: int,
        end: int,
        numbers: NDArray[np.uint32] | int,
        pen: NDArray[np.int32] | int,
        urgent: bool,
    ) -> None:
        wanted = self._wanted[y]
        if self._cells.wide:
            # Half a wide character is none.
            if start and wanted[start] == REST:
                wanted[start - 1] = BLANK
            if end < self.width and wanted[end] == REST:
                wanted[end] = BLANK
        wanted[start:end] = numbers
        self._pen_of[y, start:end] = pen
        self._changed = True
        if urgent:
            self._hurried = True
            self._urgent[y, start:end] = True
            self._answered_at[y] = self._writes

    def _go_to(self, x: int, y: int) -> None:
        self._x, self._y = min(max(x, 0), self.width - 1), min(max(y, 0), self.height - 1)
        self._parked = self._changed = True

    def _step_or_erase(self, token: re.Match[str], urgent: bool) -> None:
        self._set_row(urgent)
        final, x = token["final"], self._x
        if final in "JKX":
            self._erase(token, urgent)
            return
        count = max(int(token["count"] or 1), 1)
        if x is None:
            self._pass(token[0])
            return
        x = min(x, self.width - 1)
        match final:
            case "A" | "B":
                self._go_to(x, self._y + (count if final == "B" else -count))
            case "C" | "D":
                self._go_to(x + (count if final == "C" else -count), self._y)
            case "E" | "F":
                self._go_to(0, self._y + (count if final == "E" else -count))
            case "d":
                self._go_to(x, count - 1)
            case _:
                self._go_to(count - 1, self._y)

    def _erase(self, token: re.Match[str], urgent: bool) -> None:
        """Of the screen (J) or the row (K) what follows, comes before, or all; or some cells from here on (X)."""
        final, count, x, y, pen = token["final"], int(token["count"] or 0), self._x, self._y, self._pen
        unsure = x is None or pen is None or (final in "JK" and count > 2)
        if unsure or not self._erases or self._pens[pen or 0].attributes & ON_BLANKS:
            self._pass(token[0])
            return
        assert x is not None
        assert pen is not None
        x = min(x, self.width - 1)
        start, end = 0, self.width
        if final == "X":
            start, end = x, min(x + max(count, 1), self.width)
        elif count == 0:
            start = x
        elif count == 1:
            end = x + 1
        rows = [y]
        if final == "J":
            others = range(y + 1, self.height) if count == 0 else range(y) if count == 1 else range(self.height)
            for row in others:
                self._set(row, 0, self.width, BLANK, pen, urgent)
        for row in rows:
            self._set(row, start, end, BLANK, pen, urgent)

    def _control(self, character: str) -> None:
        """CR, LF and BS. The line in front of a terminal makes CR and LF of LF (termios, ONLCR)."""
        if self._x is None or (character == "\n" and self._y == self.height - 1):
            self._pass(character)
        elif character == "\b":
            self._go_to(min(self._x, self.width - 1) - 1, self._y)
        else:
            self._go_to(0, self._y + (character == "\n"))

    def _set_modes(self, token: re.Match[str]) -> None:
        modes = set(token["modes"].split(";"))
        if modes <= QUIET_MODES:
            self._raw.append(token[0])
        elif modes <= PAGE_MODES:
            before = self._raw
            self.start(self.width, self.height)
            self._raw = [*before, token[0]]
        else:
            self._pass(token[0])

    def _pass(self, text: str) -> None:
        """Pass on, behind all that was written before, what is not understood; nothing is known after it."""
        self._set_row(urgent=True)  # all of it goes out now
        looks = self._looks()
        differs = self._differing(looks)
        writer = self._written(differs, differs, looks)
        if self._x is not None:
            writer.go_to(min(self._x, self.width - 1), self._y)
        if self._pen is not None:
            writer.take_up(self._pens[self._pen])
        raw = [*self._raw, writer.text, text]
        self.start(self.width, self.height)
        self._raw = raw
