"""How the numbers of a layer are distributed, now and since one looks."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np

from engine.training.events import LayerInspected, Tally
from tui_nn.panels.panel import Panel
from tui_nn.plots import Limits, Row, Span, heat_key, heat_map, histogram, short_number
from tui_nn.run_state import RunState
from tui_nn.tally_history import Snapshot, shares

Quantity = Literal["weights", "gradients", "activations"]

DENSITY: Limits = (1e-4, 1.0)
"""Ends of the colours: shares of a snapshot's numbers. They do not move, so neither does what has been drawn."""

GUTTER = 7
"""Columns for the values at the left of the history."""

LEAST_HISTORY = 5
"""Rows from which on there is room for it: the picture, its steps, its scale."""


class TallyPanel(Panel):
    """A histogram between edges that stay, what lies beyond them in words, and below a column for each snapshot."""

    quantity: ClassVar[Quantity]
    answers = True

    @property
    def bins(self) -> int:
        """As many as there are columns: a column is a bin, and none is shared out to look smooth."""
        return max(self.room[0] // 2 * 2, 2)

    def source(self, run: RunState) -> object:
        return run.layer

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.layer
        if event is None or width < 1:
            return []
        self.subtitle = self.about(event)
        tally: Tally | None = getattr(event, self.quantity)
        if tally is None:
            return [(Span("none before the first step", "muted"),)]
        # Two rows of words; of the rest somewhat more than half for what there is now.
        rest = height - 2
        upper = rest if rest < LEAST_HISTORY + 4 else max(4, (rest + 1) // 2)
        rows = [_figures(tally, width), _tails(tally, width), *self._bars(tally, width, upper)]
        if rest > upper:
            snapshots = run.snapshots.get((event.name, self.quantity))
            taken = snapshots.columns(width - GUTTER) if snapshots is not None else []
            rows += self._history(taken, (tally.low, tally.high), width, rest - upper)
        return rows

    def about(self, event: LayerInspected) -> str:
        """What the frame says below."""
        return ""

    def _bars(self, tally: Tally, width: int, height: int) -> list[Row]:
        counts = np.array(tally.counts, dtype=float)
        # Whole columns a bin, so that the counts are drawn as they are.
        columns = width // len(counts) * len(counts) or width
        return histogram(counts, tally.low, tally.high, columns, height, glyphs=self.glyphs)

    def _history(self, taken: list[Snapshot], limits: Limits, width: int, height: int) -> list[Row]:
        steps = " to ".join(f"{item.step:,}" for item in (*taken[:1], *taken[1:][-1:]))
        below: Row = (Span(f"step {steps}", "muted"),)
        key = heat_key(DENSITY, width, glyphs=self.glyphs, shaded=self.appearance.shaded)
        beside = sum(len(span.text) for span in (*below, *key)) + 3 <= width
        rows = height - 1 - (not beside and height > LEAST_HISTORY)
        picture = heat_map(
            shares(taken, *limits, 2 * rows)[::-1],
            len(taken),
            rows,
            scale="log",
            limits=DENSITY,
            glyphs=self.glyphs,
            shaded=self.appearance.shaded,
        )
        labels = {0: limits[1], rows - 1: limits[0]}
        if limits[0] < 0 < limits[1] and rows > 2:
            labels[rows // 2] = 0.0
        lines: list[Row] = []
        for place, row in enumerate(picture):
            label = short_number(labels[place], 2) if place in labels else ""
            # What no snapshot fills yet has no colour.
            rest = Span(" " * max(width - GUTTER - len(taken), 0))
            lines.append((Span(f"{label:>{GUTTER - 1}} ", "muted"), *row, rest))
        if beside:
            return [*lines, (*below, Span("   "), *key)]
        return [*lines, below, key][:height]


class WeightTallyPanel(TallyPanel):
    """Of the weights, without biases."""

    title = "Weights"
    quantity = "weights"

    def about(self, event: LayerInspected) -> str:
        return self.appearance.hint("view.scale", "new edges")


class GradientTallyPanel(TallyPanel):
    """Of the last step's gradients by these weights."""

    title = "Gradients"
    quantity = "gradients"

    def about(self, event: LayerInspected) -> str:
        return "of the last step"


class ActivationTallyPanel(TallyPanel):
    """Of what the layer gives, behind its activation."""

    title = "Activations"
    quantity = "activations"

    def about(self, event: LayerInspected) -> str:
        return f"{event.samples} samples   after {event.given.rpartition('), ')[2]}"


def _figures(tally: Tally, width: int) -> Row:
    return _fitting(
        [
            (f"mean {short_number(tally.mean, 2)}", "muted"),
            (f"deviation {short_number(tally.deviation, 2)}", "muted"),
            (f"highest {short_number(max(tally.counts, default=0))}", "muted"),
        ],
        width,
    )


def _tails(tally: Tally, width: int) -> Row:
    """What no column shows; what is not a number before all."""
    bad = [(name, count) for name, count in (("NaN", tally.not_a_number), ("inf", tally.infinite)) if count]
    beyond = [("below", tally.under), ("above", tally.over)]
    return _fitting(
        [
            *((f"{name} {short_number(count)}", "bad") for name, count in bad),
            *((f"{name} {short_number(count)}", "warn" if count else "muted") for name, count in beyond),
            *([] if bad else [("NaN 0", "muted")]),
        ],
        width,
    )


def _fitting(parts: Sequence[tuple[str, str]], width: int) -> Row:
    """As many of the parts, the first ones, as have room."""
    row: Row = ()
    for text, role in parts:
        gap = "  " if row else ""
        if sum(len(span.text) for span in row) + len(gap) + len(text) > width:
            break
        row = (*row, Span(gap + text, role))
    return row
