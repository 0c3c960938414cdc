"""The weights of each layer, counted."""

import numpy as np

from engine.training.events import Histogram
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, fit, histogram, short_number, shorten
from tui_nn.run_state import RunState

SMALLEST = 4
"""Rows that a layer needs at least: its name, bars and an axis."""

NARROWEST = 30
"""Columns that a layer needs at least where several stand beside one another."""

GAP = 3


class WeightHistogramPanel(Panel):
    """A histogram for each layer, first to last, in as many columns as it takes; `first` scrolls beyond that."""

    title = "Weights by layer"
    every = 2

    first = 0

    def scroll(self, run: RunState) -> bool:
        count = len(run.histograms)
        across, down = _grid(count, *self.room)
        if across * down >= count:
            return False
        self.first = (self.first + 1) % count
        return True

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if run.started is None or not run.histograms or height < 2:
            return []
        count = len(run.histograms)
        across, down = _grid(count, width, height)
        shown = min(across * down, count)
        if shown == count:
            self.first = 0
        parts = (f"{shown} of {count} layers", self.appearance.hint("view.layer", "next"))
        self.subtitle = ", ".join(filter(None, parts)) if shown < count else ""
        names = {layer.name: layer.label for layer in run.started.layers}
        # From the top to the bottom, then the next column, as one reads a list.
        down = -(-shown // across)
        wide = (width - GAP * (across - 1)) // across
        lines: list[Row] = [()] * height
        for place in range(shown):
            column, row = divmod(place, down)
            item = run.histograms[(self.first + place) % count]
            top, end = height * row // down, height * (row + 1) // down
            block = self._layer(item, names[item.layer], wide, end - top)
            start = column * (wide + GAP)
            for line, spans in enumerate(block, top):
                lines[line] = (*fit(lines[line], start), *fit(spans, wide)) if start else fit(spans, wide)
        return lines

    def _layer(self, item: Histogram, name: str, width: int, height: int) -> list[Row]:
        """Its name and as many of its figures as have room, above the bars."""
        row: Row = (Span(name if len(name) <= width else shorten(name, width, self.glyphs)),)
        used = min(len(name), width)
        for text, role in (
            (f"{item.not_finite} not finite" if item.not_finite else "", "bad"),
            (f"mean {short_number(item.mean, 2)}", "muted"),
            (f"deviation {short_number(item.deviation, 2)}", "muted"),
        ):
            if text and used + 2 + len(text) <= width:
                row = (*row, Span(f"  {text}", role))
                used += 2 + len(text)
        counts = np.array(item.counts, dtype=float)
        return [row, *histogram(counts, item.low, item.high, width, height - 1, glyphs=self.glyphs)]


def _grid(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of histograms: one below the other as long as they have room, then more beside."""
    down = max(height // SMALLEST, 1)
    across = min(-(-count // down), max((width + GAP) // (NARROWEST + GAP), 1))
    return max(across, 1), down
