"""The weights of each layer, counted."""

import numpy as np

from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, histogram, short_number
from tui_nn.run_state import RunState

SMALLEST = 4
"""Rows that a layer needs at least: its name, bars and an axis."""


class WeightHistogramPanel(Panel):
    """One histogram below the other, first layer to last; `first` scrolls where not all have room."""

    title = "Weights by layer"

    first = 0
    scrolls = False

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if run.started is None or not run.histograms or height < 2:
            return []
        count = len(run.histograms)
        shown = max(1, min(count, height // SMALLEST))
        self.scrolls = shown < count
        self.first = self.first % count if self.scrolls else 0
        parts = (f"{shown} of {count} layers", self.appearance.hint("view.layer", "next"))
        self.subtitle = ", ".join(filter(None, parts)) if self.scrolls else ""
        names = {layer.name: layer.label for layer in run.started.layers}
        rows: list[Row] = []
        for place in range(shown):
            item = run.histograms[(self.first + place) % count]
            room = height * (place + 1) // shown - height * place // shown - 1
            lost = f"  {item.not_finite} not finite" if item.not_finite else ""
            figures = f"  mean {short_number(item.mean, 2)}  deviation {short_number(item.deviation, 2)}"
            rows.append((Span(names[item.layer]), Span(figures, "muted"), Span(lost, "bad")))
            counts = np.array(item.counts, dtype=float)
            rows.extend(histogram(counts, item.low, item.high, width, room, glyphs=self.glyphs))
        return rows
