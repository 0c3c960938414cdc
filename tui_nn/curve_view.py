"""How all curves of a screen are looked at: which steps, where the cursor is, how smooth, with the run before."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui_nn.plots import Limits, linear_limits

SMOOTHING = (0.0, 0.6, 0.9, 0.97)
"""Weights of the moving average that a key goes through; 0: none."""

CLOSEST = 10.0
"""Steps that are shown at least."""

FOLLOWING = 10
"""The newest step moves a window on by this part of its width, not by a cell a frame: all that moves is sent anew."""

PANNING = 4
"""A cursor that leaves a window moves it on by this part of its width."""


@dataclass(eq=False)
class CurveView:
    """The `window` of steps, None for the whole run, and the step of the `cursor`, None where there is none.

    A window whose right edge the newest step has reached `follows` it. `run` is everywhere the first and the last step
    that there is.
    """

    window: Limits | None = None
    follows: bool = False
    cursor: float | None = None
    smoothing: float = 0.0
    before: bool = True

    def limits(self, run: Limits) -> Limits:
        """The steps that are shown."""
        if self.window is None:
            return _whole(run)
        low, high = self.window
        if self.follows and run[1] > high:
            part = (high - low) / FOLLOWING
            shift = math.ceil((run[1] - high) / part) * part
            return low + shift, high + shift
        return low, high

    def move_cursor(self, steps: float, run: Limits) -> None:
        """Move the cursor; it appears at the newest step in view. Beyond the edge of a window it takes that along."""
        low, high = self.limits(run)
        newest = min(high, run[1])
        if self.cursor is None or not low <= self.cursor <= high:
            self.cursor = newest
            return
        self.cursor = min(max(self.cursor + steps, run[0]), run[1])
        if self.cursor < low:
            self.pan(-max((high - low) / PANNING, low - self.cursor), run)
        elif self.cursor > high:
            self.pan(max((high - low) / PANNING, self.cursor - high), run)

    def pan(self, steps: float, run: Limits) -> None:
        """Move the window, within the run."""
        if self.window is None:
            return
        low, high = self.limits(run)
        least, greatest = _whole(run)
        steps = min(max(steps, least - low), greatest - high)
        self._set(low + steps, high + steps, run)

    def zoom(self, factor: float, run: Limits, around: float | None = None) -> None:
        """Show `factor` times as many steps, what is `around` a step staying where it is.

        That is the cursor, if it is in view; else the newest step in view goes to the right edge.
        """
        low, high = self.limits(run)
        least, greatest = _whole(run)
        width = max((high - low) * factor, CLOSEST)
        if width >= (greatest - least) * (1 - 1e-9):
            self.show_all()
            return
        if around is None and self.cursor is not None and low <= self.cursor <= high:
            around = self.cursor
        start = min(high, run[1]) - width if around is None else around - (around - low) / (high - low) * width
        start = min(max(start, least), greatest - width)
        self._set(start, start + width, run)

    def show_all(self) -> None:
        """The whole run."""
        self.window, self.follows = None, False

    def clear(self) -> None:
        """No cursor."""
        self.cursor = None

    def restart(self) -> None:
        """Another run: neither window nor cursor mean anything in it."""
        self.show_all()
        self.cursor = None

    def next_smoothing(self) -> None:
        """The next weight, and after the last one none."""
        self.smoothing = SMOOTHING[(SMOOTHING.index(self.smoothing) + 1) % len(SMOOTHING)]

    def _set(self, low: float, high: float, run: Limits) -> None:
        self.window, self.follows = (low, high), high >= run[1]


def _whole(run: Limits) -> Limits:
    """Round limits, which a growing run moves in steps; for one that has just begun room for its next steps."""
    return linear_limits(run[0], max(run[1], run[0] + CLOSEST))
