"""What in the shown picture speaks for what it is read as: by the gradient, and by covering a part of it."""

import numpy as np

from engine.training.events import DigitExplained
from tui_nn.panels.panel import Panel
from tui_nn.plots import FloatArray, Row, Span, fit, one_cell, saliency_picture, shrunk
from tui_nn.run_state import RunState

GAP = 2

SIDE = 28
"""Rows of a picture that are not given up for want of room: a digit is cut rather than halved."""


class SaliencyPanel(Panel):
    """Two maps over the picture: where brighter pixels would speak for the class, and where covering costs most."""

    title = "What speaks for it"

    def enough(self, run: RunState) -> int | None:
        return None if run.explanation is None else (run.explanation.height + 1) // 2 + 3

    def source(self, run: RunState) -> object:
        return run.explanation

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event, about = run.explanation, run.started
        self.title, self.subtitle = type(self).title, ""
        if event is None or about is None:
            return []
        self.title = f"What speaks for {one_cell(about.class_names[event.answer], self.glyphs)}"
        signs = "" if self.appearance.shaded else "+ # for it, - = against it   "
        self.subtitle = f"{signs}step {event.step:,}" if signs else f"warm: for it, cold: against   step {event.step:,}"
        pixels = np.frombuffer(event.pixels, np.uint8).reshape(event.height, event.width) / 255
        room = max(width, 1), max(2 * (height - 1), SIDE)
        pixels = shrunk(pixels, *room)
        side = pixels.shape[1]
        maps = (
            ("gradient", "brighter here", shrunk(_shares(event, event.gradient), *room)),
            ("occlusion", "covered here", shrunk(_shares(event, event.occlusion), *room)),
        )
        rows: list[Row] = [()] * (-(-len(pixels) // 2) + 1)
        used = 0
        for name, what, shares in maps:
            gap = GAP * bool(used)
            if used + gap + side > width:
                break
            title = f"{name}: {what}" if len(name) + len(what) + 2 <= side else name
            head: Row = (Span(f"{title[:side]:<{side}}", "muted"),)
            picture = saliency_picture(pixels, shares, glyphs=self.glyphs, shaded=self.appearance.shaded)
            parts = [head, *(fit(row, side) for row in picture)]
            rows = [(*before, Span(" " * gap), *part) for before, part in zip(rows, parts, strict=True)]
            used += gap + side
        return rows[: max(height, 0)]


def _shares(event: DigitExplained, values: bytes) -> FloatArray:
    shares = np.frombuffer(values, np.int8).reshape(event.height, event.width)
    return np.where(shares == -128, np.nan, shares / 127)
