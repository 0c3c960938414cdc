"""All layers that learn, a row each: one of them is looked into."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from textual.events import Click
from textual.message import Message

from engine.health.dead_units import SOME as SOME_DEAD
from engine.health.record import MOST
from engine.health.saturation import SOME as SOME_SATURATED
from engine.training.events import LayerInfo, Range, UnitFigures
from tui_nn.panels.gradient_detail import BAND
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, fit, short_number, shorten
from tui_nn.run_state import RunState

RECENT = 10
"""Reports behind a norm and a ratio."""

LABEL = 16
"""Columns that a layer's name has at least, as long as others can be left out for it."""


class Column(NamedTuple):
    """A figure of each layer: its heading, its columns, and how much it is needed."""

    heading: str
    width: int
    weight: int


COLUMNS = (
    Column("gives", 12, 1),
    Column("parameters", 11, 2),
    Column("gradient", 10, 5),
    Column("update", 9, 4),
    Column("dead", 7, 6),
    Column("saturated", 11, 3),
)


class LayerListPanel(Panel):
    """First to last: shape, parameters, gradient norm, update ratio, share of dead and of saturated units.

    Where not all have room, the list moves with the chosen one.
    """

    title = "Layers"
    answers = True

    place = 0
    """Which layer is looked into."""

    class Picked(Message):
        """A layer was clicked on."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def enough(self, run: RunState) -> int | None:
        # The headings, the frame.
        return None if run.started is None else len(run.started.layers) + 3

    def choose(self, place: int) -> None:
        """Point at a layer, counted around the end."""
        count = len(self._run.started.layers) if self._run.started is not None else 1
        self.place = place % max(count, 1)

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if run.started is None or height < 2:
            return []
        layers = run.started.layers
        columns = _fitting(width)
        label = width - 2 - sum(column.width for column in columns)
        heading = f"  {'layer':<{max(label, 0)}}" + "".join(f"{c.heading:>{c.width}}" for c in columns)
        rows: list[Row] = [(Span(heading[: max(width, 0)], "muted"),)]
        first = self._first(len(layers), height - 1)
        units = {item.layer: item for item in run.layer.units} if run.layer is not None else {}
        norms, ratios = (_means(reports, len(layers)) for reports in (run.gradient_norms, run.update_ratios))
        for place in range(first, min(first + height - 1, len(layers))):
            layer, chosen = layers[place], place == self.place
            figures = _figures(layer, norms[place], ratios[place], units.get(layer.name))
            sign = (">" if self.glyphs == "ascii" else "▸") if chosen else " "
            name = f"{layer.label}{' frozen' if layer.frozen else ''}"
            room = label - len(name)
            behind = f" {layer.activation}" if len(layer.activation) < room else ""
            name = shorten(name, min(len(name), label), self.glyphs)
            row: Row = (
                Span(f"{sign} {name}", "selected" if chosen else "value"),
                Span(f"{behind:<{max(room, 0)}}", "muted"),
            )
            for column in columns:
                text, role = figures[column.heading]
                row = (*row, Span(f"{text:>{column.width}}", role))
            rows.append(fit(row, width))
        shown = len(rows) - 1
        self.subtitle = "   ".join(
            part
            for part in (
                f"{first + 1} to {first + shown} of {len(layers)}" if shown < len(layers) else "",
                self.appearance.hint("view.layer", "next layer"),
            )
            if part
        )
        return rows

    def on_click(self, event: Click) -> None:
        place = event.y - 2 + self._first(len(self._run.started.layers), self.room[1] - 1) if self._run.started else -1
        if event.y >= 2 and self._run.started is not None and place < len(self._run.started.layers):
            self.post_message(self.Picked(place))

    def _first(self, count: int, rows: int) -> int:
        """The first layer in view: the chosen one is in the middle where it can be."""
        return max(0, min(self.place - rows // 2, count - rows))


def _fitting(width: int) -> Sequence[Column]:
    """Those that are needed most, as far as a name has room beside them."""
    kept: set[Column] = set()
    for column in sorted(COLUMNS, key=lambda column: -column.weight):
        if sum(other.width for other in kept) + column.width + LABEL + 2 > width:
            break
        kept.add(column)
    return [column for column in COLUMNS if column in kept]


def _means(reports: Sequence[tuple[Range, ...]], count: int) -> np.ndarray:
    """By layer over the last reports; NaN where there is none."""
    recent = [[item.mean for item in report] for report in list(reports)[-RECENT:] if len(report) == count]
    return np.array(recent).mean(axis=0) if recent else np.full(count, np.nan)


def _figures(layer: LayerInfo, norm: float, ratio: float, units: UnitFigures | None) -> dict[str, tuple[str, str]]:
    """By heading, the text and its role; a sign stands beside what is out of the usual."""
    usual = np.isnan(ratio) or BAND[0] <= ratio <= BAND[1]
    dead = units.dead / units.units if units is not None and units.dead is not None and units.units else None
    return {
        "gives": ("x".join(map(str, layer.output_shape)), "muted"),
        "parameters": (f"{layer.parameters:,}", "muted"),
        "gradient": ("-" if np.isnan(norm) else short_number(norm, keep_zeros=True), "muted"),
        "update": (
            "-" if np.isnan(ratio) else ("" if usual else "<" if ratio < BAND[0] else ">") + short_number(ratio, 2),
            "muted" if usual else "warn",
        ),
        "dead": _share(dead, SOME_DEAD),
        "saturated": _share(units.saturated if units is not None else None, SOME_SATURATED),
    }


def _share(share: float | None, some: float) -> tuple[str, str]:
    if share is None:
        return "-", "muted"
    sign, role = ("!!", "bad") if share > MOST else ("!", "warn") if share > some else ("", "muted")
    return f"{sign}{share:.0%}", role
