"""What is drawn on: a canvas of half-blocks for a mouse or keys, and what each digit on it is read as."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from textual.events import Click, MouseDown, MouseMove, MouseUp
from textual.geometry import Region

from engine.digits.form import EDGE
from engine.digits.parts import bounds
from engine.digits.reading import drawn_digit, looks_like_number
from engine.digits.resize import limited
from engine.digits.views import VIEWS
from engine.training.commands import PredictDrawing, PredictViews
from engine.training.events import DrawnDigit
from tui_nn.drawing import Drawing, Ink, Picture
from tui_nn.panels.panel import Panel
from tui_nn.plots import Pen, Row, Span, sketch
from tui_nn.run_state import RunState
from tui_nn.terminal.drag import lead, path

SQUARE, WIDE = 1.0, 3.5
"""Widths of the canvas in its heights: for one digit, and for several."""

STEP = 1 / 28
"""The way that a key moves the pen: a pixel of MNIST's."""

RADII = (0.7 / 28, 1.0 / 28, 1.4 / 28, 2.0 / 28, 2.8 / 28)
"""Of the brush. MNIST's strokes are some three of its pixels wide."""

RUBBER = 1.8
"""Radius of the eraser, in those of the brush."""

SENT = 84
"""Rows of pixels that the network is shown, whatever the size on the screen: a drawing is read alike everywhere."""

FILLED = 20 / 28
"""Of the canvas's height, by a picture that is loaded: as a digit of MNIST fills its own."""

READ = 1
"""Rows below the canvas, which say what is read."""


class Place(NamedTuple):
    """Where the canvas lies within the panel: in cells; `pixels` are its rows of pixels, two a cell."""

    left: int
    top: int
    columns: int
    rows: int

    @property
    def pixels(self) -> int:
        return 2 * self.rows


class DigitCanvasPanel(Panel):
    """A stroke follows the mouse while a button is held (the right one erases), or the pen that keys move."""

    answers = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.changed: Callable[[], object] = lambda: None
        """Called when there is other ink on it, or the pen is elsewhere."""
        self.drawing = Drawing()
        self.wide = False
        self.erasing = False
        self.brush = 2
        self.about = ""
        """Where the picture is from that was loaded last."""
        self.pen = (0.5, 0.5)
        self._pen_shown = False
        self._held = False
        self._wish: PredictDrawing | PredictViews | None = None
        """What the network was asked last: it is asked again for what it has learned since."""
        self._seen: object = None
        """All that the panel shows, the same while nothing of it changes."""
        self._sketched: tuple[object, list[Row]] = (None, [])
        """The picture, and what it is of: the network's answers leave it as it is."""
        self._inked: tuple[Ink, list[Row]] = (np.zeros((0, 0), np.uint8), [])
        """The ink that was drawn last with nothing over it, and its picture: a move leaves most rows as they are."""

    @property
    def held(self) -> bool:
        """Whether a mouse's button is held that draws or erases."""
        return self._held

    @property
    def span(self) -> float:
        """The canvas's width, in its heights."""
        return WIDE if self.wide else SQUARE

    def wish(self) -> PredictDrawing | PredictViews:
        """The drawing as the network is shown it, the same while nothing is drawn."""
        if self._wish is None or self._wish.drawing != self.number:
            self._wish = self._make_wish()
        return self._wish

    def _make_wish(self) -> PredictDrawing | PredictViews:
        width = round(SENT * self.span)
        ink = self.drawing.ink(SENT, width)
        if self.wide:
            return PredictDrawing(SENT, width, ink.tobytes(), self.number)
        # On the square canvas there is one digit, however it is drawn: no network need be asked where it is.
        digit = drawn_digit(ink / np.float32(255), 1 if self._has_glance else len(VIEWS))
        return PredictViews(digit.views.tobytes(), digit.box, self.number)

    def is_read(self, run: RunState) -> bool:
        """Whether what the network said is about the drawing as it is now."""
        return run.drawing is not None and run.drawing.drawing == self.number

    def is_settled(self, run: RunState) -> bool:
        """Whether nothing is drawn, and the network has nothing to say about what was."""
        return self.drawing.blank and (run.drawing is None or not run.drawing.digits)

    @property
    def number(self) -> int:
        """One for each drawing on each canvas, and one more while it has but a glance."""
        return 4 * self.drawing.version + 2 * self.wide + self._has_glance

    @property
    def _has_glance(self) -> bool:
        """Whether it changes too soon to be looked at properly: a digit under a mouse, not under keys."""
        return self._held and not self.wide

    def load(self, amount: NDArray[np.float32], about: str) -> None:
        """Have what is ink in a picture of amounts of it, 0..1, in place of all, as large as one draws."""
        self.wide = looks_like_number(amount)
        there = amount[bounds(amount > EDGE)]
        there = limited(there, 2 * SENT, round(2 * SENT * WIDE))
        height = min(FILLED, (self.span - (1 - FILLED)) * len(there) / there.shape[1])
        width = height * there.shape[1] / len(there)
        self.about = about
        self.drawing.place(Picture(there, (self.span - width) / 2, (1 - height) / 2, height))
        self._pen_shown = False
        self.changed()

    def clear(self) -> None:
        """Take all ink away."""
        self.drawing.clear()
        self.changed()

    def undo(self) -> bool:
        """Take the last stroke back, or what was done to all; False where there was none."""
        found = self.drawing.undo()
        self.changed()
        return found

    def move(self, columns: int, rows: int) -> None:
        """Move the pen by steps; if it is down, it draws."""
        x, y = self.pen
        # In whole steps, so that a way back ends where it began.
        x = min(max(round(x / STEP) + columns, 0), round(self.span / STEP)) * STEP
        y = min(max(round(y / STEP) + rows, 0), round(1 / STEP)) * STEP
        self.pen, self._pen_shown = (x, y), True
        self.drawing.move(x, y)
        self.changed()

    def toggle_pen(self) -> None:
        """Set the pen down, or lift it."""
        self._pen_shown = True
        if self.drawing.down:
            self.drawing.lift()
        else:
            self._press(*self.pen, erases=self.erasing)
        self.changed()

    def toggle_eraser(self) -> None:
        """Erase from now on, or draw."""
        self.erasing = not self.erasing
        if self.drawing.down:
            self._press(*self.pen, erases=self.erasing)
        self.changed()

    def toggle_wide(self) -> None:
        """Have a canvas for several digits, or for one; what was drawn stays at the left."""
        self.wide = not self.wide
        self.drawing.lift()
        self.pen = (min(self.pen[0], self.span), self.pen[1])
        self.changed()

    def resize_brush(self, direction: int) -> bool:
        """A thicker brush (+1), or a thinner one; False at the end of the scale."""
        before, self.brush = self.brush, min(max(self.brush + direction, 0), len(RADII) - 1)
        self.changed()
        return self.brush != before

    def source(self, run: RunState) -> object:
        pen = (self.pen, self.drawing.down) if self._pen_shown else None
        seen = run.drawing, self.number, pen, self.erasing, self.brush, self.about
        if seen != self._seen:
            self._seen = seen
        return self._seen

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        self.title = "Draw a number" if self.wide else "Draw a digit"
        self.subtitle = "   ".join(filter(None, (self._tool(), self.about if self.drawing.pictured else "")))
        place = self._place(width, height)
        if not place.rows:
            return []
        digits = run.drawing.digits if run.drawing is not None and not self.drawing.blank else ()
        pen, cuts = self._pen(place), _cuts(digits, place.columns)
        about = width, place, self.number, pen, cuts, self.appearance
        if about != self._sketched[0]:
            self._sketched = about, self._sketch(place, pen, cuts, width)
        return [*self._sketched[1], _reading(digits, place, width)]

    def _sketch(self, place: Place, pen: Pen | None, cuts: Sequence[int], width: int) -> list[Row]:
        """All above the line that says what is read."""
        words = self._invitation() if self.drawing.blank and not self._pen_shown else ()
        ink, shaded = self.drawing.ink(place.pixels, place.columns), self.appearance.shaded
        if shaded and not (pen or cuts or words):
            picture = self._sketch_ink(ink)
        else:
            picture = sketch(ink / 255, glyphs=self.glyphs, shaded=shaded, pen=pen, cuts=cuts, words=words)
        left, right, lines = self._around(place, width)
        return [()] * (place.top - len(lines)) + [*lines, *((left, *row, right) for row in picture)]

    def _sketch_ink(self, ink: Ink) -> list[Row]:
        """The picture of nothing but ink, in shades: rows of cells with other ink than before are drawn anew."""
        before, rows = self._inked
        if before.shape != ink.shape:
            rows = sketch(ink / 255)
        elif (changed := np.flatnonzero((before != ink).any(axis=1)) // 2).size:
            first, last = int(changed[0]), int(changed[-1]) + 1
            rows = [*rows[:first], *sketch(ink[2 * first : 2 * last] / 255), *rows[last:]]
        self._inked = ink.copy(), rows
        return rows

    def _tool(self) -> str:
        x, y = (round(along / STEP) for along in self.pen)
        state = f" {'down' if self.drawing.down else 'up'} {x},{y}" if self._pen_shown else ""
        return f"{'eraser' if self.erasing else 'pen'}{state} size {self.brush + 1}/{len(RADII)}"

    def _place(self, width: int, height: int) -> Place:
        """The largest canvas of its shape that has room, in the middle."""
        rows = max(0, min(height - READ, int(width / self.span) // 2))
        columns = round(2 * rows * self.span)
        return Place((width - columns) // 2, (height - READ - rows) // 2, columns, rows)

    def _invitation(self) -> tuple[str, ...]:
        arrows = "arrows" if self.glyphs == "ascii" else "← ↑ ↓ →"
        return "draw here with the mouse,", f"or with {arrows} and {self.key('draw.pen')}"

    def _pen(self, place: Place) -> Pen | None:
        if not self._pen_shown:
            return None
        column, row = (int(along * place.pixels) for along in self.pen)
        return Pen(min(column, place.columns - 1), min(row, place.pixels - 1), self.drawing.down)

    def _around(self, place: Place, width: int) -> tuple[Span, Span, list[Row]]:
        """What stands at the left and the right of the canvas, and above it: edges, where paper is not seen."""
        before, after = place.left, width - place.left - place.columns
        if self.appearance.shaded or not before or not after:
            return Span(" " * before), Span(" " * after), []
        across, down = "-|" if self.glyphs == "ascii" else "─│"
        above: list[Row] = [(Span(" " * before + across * place.columns, "border"),)] if place.top else []
        return Span(" " * (before - 1) + down, "border"), Span(down, "border"), above

    def follows(self, x: int, y: int, button: int) -> bool:
        return button in (1, 3) and self._spot(x, y) is not None

    def on_mouse_down(self, event: MouseDown) -> None:
        spot = self._spot(event.x, event.y)
        if spot is None or not self.follows(event.x, event.y, event.button):
            return
        event.stop()
        self._held, self._pen_shown = True, False
        lead(self, self._follow)
        self._press(*spot, erases=self.erasing or event.button == 3)
        self.changed()

    def on_mouse_move(self, event: MouseMove | MouseUp) -> None:
        if self._held:
            self._go(path(event))

    def _follow(self, event: MouseMove) -> None:
        """What comes straight from the terminal's driver is told in cells of the screen."""
        left, top = self.region.offset
        if self._held:
            self._go([(x - left, y - top) for x, y in path(event)])

    def _go(self, cells: Sequence[tuple[int, int]]) -> None:
        """Draw to the middle of each of these cells of the panel."""
        for x, y in cells:
            spot = self._spot(x, y, beyond=True)
            if spot is not None:
                self.pen = spot
                self.drawing.move(*spot)
        self.changed()

    def on_mouse_up(self, event: MouseUp) -> None:
        if self._held:
            self.on_mouse_move(event)
            self.let_go()

    def let_go(self) -> None:
        """End the stroke of a mouse, if one goes on."""
        if self._held:
            self._held = False
            lead(self, None)
            self.drawing.lift()
            self.changed()

    def on_click(self, event: Click) -> None:
        # A dot is no wish for another panel, two are none for more room.
        event.stop()

    def _press(self, x: float, y: float, *, erases: bool) -> None:
        self.pen = (min(max(x, 0.0), self.span), min(max(y, 0.0), 1.0))
        radius = RADII[self.brush] * (RUBBER if erases else 1.0)
        self.drawing.press(x, y, radius, erases=erases)

    def _spot(self, x: int, y: int, *, beyond: bool = False) -> tuple[float, float] | None:
        """The middle of that cell of the panel, in heights of the canvas; None outside, unless `beyond`."""
        place = self._place(*self.room)
        if not place.rows:
            return None
        column, row = x - 1 - place.left, y - 1 - place.top
        if not beyond and not Region(0, 0, place.columns, place.rows).contains(column, row):
            return None
        return (column + 0.5) / place.pixels, (2 * row + 1) / place.pixels


def _cuts(digits: Sequence[DrawnDigit], columns: int) -> list[int]:
    """The columns midway between the boxes of two digits."""
    return [round((digit.box[2] + following.box[0]) / 2 * columns) for digit, following in pairwise(digits)]


def _reading(digits: Sequence[DrawnDigit], place: Place, width: int) -> Row:
    """Below each digit what it is read as, and how surely; what has no room is left out."""
    row: Row = ()
    free = 0
    for digit in digits:
        sure = f"{max(digit.probabilities, default=0) * 100:.0f}%"
        middle = place.left + round((digit.box[0] + digit.box[2]) / 2 * place.columns)
        start = max(middle - (len(sure) + 2) // 2, free)
        if start + 2 + len(sure) > width:
            break
        row = (*row, Span(" " * (start - free)), Span(str(digit.answer), "value"), Span(f" {sure} ", "muted"))
        free = start + len(sure) + 3
    return row
