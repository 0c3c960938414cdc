"""What all panels of curves over steps have in common: one view, a cursor that tells values, the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from textual.events import MouseDown, MouseEvent, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.message import Message

from engine.training.history import History
from tui_nn.curve_view import CurveView
from tui_nn.panels.marks import marks
from tui_nn.panels.panel import Panel
from tui_nn.plots import Area, Curve, FloatArray, Limits, Row, Scale, debiased_ema, line_plot
from tui_nn.run_state import RunState

CLOSER = 0.5
"""By how much a turn of the wheel zooms in."""

GAP = "   "


class Line(NamedTuple):
    """A figure of a run to be drawn, `factor` times; `before` is the same of the run before.

    `noisy` ones are smoothed if so wished; `ranged` ones show the extremes behind their means.
    """

    now: History
    role: str
    label: str
    before: History | None = None
    noisy: bool = True
    ranged: bool = False
    factor: float = 1.0


class CurvePanel(Panel):
    """Figures over the steps of a run. A panel implements `lines`; all panels of a screen share one `view`."""

    scale: Scale = "linear"

    about: str = ""
    """What the frame says below while there is no cursor."""

    class Moved(Message):
        """The mouse has changed the view that the panels share."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = CurveView()
        self.area: Area | None = None
        self._held: int | None = None

    def lines(self, run: RunState) -> Sequence[Line]:
        """What is drawn, the later ones on top."""
        raise NotImplementedError

    def y_range(self, curves: Sequence[Curve], shown: Limits, run: RunState) -> Limits | None:
        """Limits of y for what is shown; None: those of the data."""
        return None

    def guides(self, shown: Limits) -> list[Curve]:
        """Values to compare with, behind all curves."""
        return []

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        shown = self.view.limits(extent_of(run))
        lines = self.lines(run)
        curves = [*self.guides(shown), *self._before(lines), *(curve for line in lines for curve in self._curves(line))]
        cursor = self.view.cursor
        picture = line_plot(
            curves,
            width,
            height,
            scale=self.scale,
            marks=marks(run),
            glyphs=self.glyphs,
            x_range=shown,
            y_range=self.y_range(curves, shown, run),
            cursor=cursor,
            coloured=self.appearance.coloured,
        )
        self.area = picture.area
        self.subtitle = _fitting(self._parts(run, lines), width)
        return picture.rows

    def _curves(self, line: Line) -> list[Curve]:
        x, y = line.now.step, line.now.mean * line.factor
        low, high = (line.now.low * line.factor, line.now.high * line.factor) if line.ranged else (None, None)
        if not (self.view.smoothing and line.noisy):
            return [Curve(x, y, line.role, line.label, low, high)]
        raw = Curve(x, y, f"{line.role}-range", "", layer="raw")
        label = f"{line.label} ({self.view.smoothing:g})"
        return [raw, Curve(x, self._smooth(line.now, line), line.role, label, low, high)]

    def _before(self, lines: Sequence[Line]) -> list[Curve]:
        if not self.view.before:
            return []
        found: list[Curve] = []
        for line in lines:
            if line.before is not None and len(line.before):
                label = "" if found else "before"
                y = self._smooth(line.before, line)
                found.append(Curve(line.before.step, y, "previous", label, layer="before"))
        return found

    def _smooth(self, history: History, line: Line) -> FloatArray:
        y = history.mean * line.factor
        return debiased_ema(y, self.view.smoothing, history.counts) if self.view.smoothing and line.noisy else y

    def _parts(self, run: RunState, lines: Sequence[Line]) -> list[str]:
        """What the frame says below, the most important first."""
        cursor = self.view.cursor
        if cursor is not None and self.area is not None:
            parts = [f"step {cursor:,.0f}", *run.told_at(cursor, self.area.step / 2)]
        else:
            parts = [self.about] if self.about else []
        if self.view.smoothing and any(line.noisy for line in lines):
            parts.append(f"smoothed {self.view.smoothing:g}")
        if self.view.window is not None:
            parts.append(self.appearance.hint("plot.whole", "whole run") or "a part of the run")
        if cursor is not None:
            return parts
        missing = [step for line in lines if (step := _first_missing(line.now)) is not None]
        return [f"nan at step {min(missing):,.0f}", *parts] if missing else parts

    def follows(self, x: int, y: int, button: int) -> bool:
        return self.area is not None and button == 1 and self.area.holds(self._cell(x))

    def on_mouse_down(self, event: MouseDown) -> None:
        if self.follows(event.x, event.y, event.button):
            self._held = self._cell(event.x)
            self._point(self._held)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Dragging takes the window along; where the whole run is in view, the cursor."""
        cell = self._cell(event.x)
        if self._held is None or self.area is None or cell == self._held:
            return
        if self.view.window is None:
            self._point(cell)
        else:
            self.view.pan((self._held - cell) * self.area.step, extent_of(self._run))
            self.post_message(self.Moved())
        self._held = cell

    def on_mouse_up(self, event: MouseUp) -> None:
        self._held = None

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self._zoom(event, CLOSER)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self._zoom(event, 1 / CLOSER)

    def _zoom(self, event: MouseEvent, factor: float) -> None:
        if self.area is not None:
            event.stop()
            self.view.zoom(factor, extent_of(self._run), self.area.at(self._cell(event.x)))
            self.post_message(self.Moved())

    def _point(self, cell: int) -> None:
        assert self.area is not None
        first, last = steps_of(self._run)
        self.view.cursor = min(max(self.area.at(cell), first), last)
        self.post_message(self.Moved())

    def _cell(self, x: int) -> int:
        return x - (1 if self.framed else 0)


def steps_of(run: RunState) -> Limits:
    """The first and the last step of a run, as far as it has come."""
    return (float(run.started.step), float(run.step)) if run.started is not None else (0.0, 0.0)


def extent_of(run: RunState) -> Limits:
    """The first and the last step that there are curves of: also of what the run went back from."""
    first, last = steps_of(run)
    return first, max(last, float(run.abandoned))


def _first_missing(history: History) -> float | None:
    """The first step whose figure is not a number, where others are."""
    missing = np.isnan(history.mean)
    return float(history.step[missing.argmax()]) if missing.any() and not missing.all() else None


def _fitting(parts: Sequence[str], width: int) -> str:
    """As many of the parts, the first ones, as have room in the frame."""
    text = ""
    for part in parts:
        longer = f"{text}{GAP if text else ''}{part}"
        if text and len(longer) > width - 3:
            break
        text = longer
    return text
