"""What each layer makes of the shown picture, layer below layer."""

import numpy as np

from engine.training.commands import MOST_POINTS, PicturesWish
from engine.training.events import LayerMaps
from tui_nn.panels.panel import Panel
from tui_nn.plots import FloatArray, Row, Span, Tiling, heat_maps, short_number
from tui_nn.plots.grid import stretched
from tui_nn.run_state import RunState

LEAST, MOST = 4, 14
"""Rows of a map: fewer show nothing, more no more than a digit has."""


class DigitMapsPanel(Panel):
    """A band a layer: as many of its channels as have room, or all units of a layer without channels in one picture."""

    title = "Activation maps by layer"
    first = 0
    first_layer = 0

    def wish(self) -> tuple[PicturesWish | None, tuple[int, int]]:
        """The maps of each layer, the first layer, and how many."""
        bands, side = self._bands(*self.room)
        if not bands:
            return None, (0, 0)
        across = min((self.room[0] + 1) // (side + 1), MOST_POINTS // (side * side))
        return PicturesWish(side, side, self.first, across), (self.first_layer, bands)

    def next_layers(self) -> bool:
        """On to the layers that had no room; False where all are in view."""
        event, (bands, _) = self._run.explanation, self._bands(*self.room)
        if event is None or not 0 < bands < event.layer_count:
            return False
        last = self.first_layer + bands
        self.first_layer = 0 if last >= event.layer_count else min(last, event.layer_count - bands)
        return True

    def turn(self, direction: int) -> bool:
        """On to the next channels of all layers, or back; False where all are in view."""
        event = self._run.explanation
        page = max((layer.pictures.shown for layer in event.maps if layer.pictures), default=0) if event else 0
        count = max((layer.pictures.count for layer in event.maps if layer.pictures), default=0) if event else 0
        if not 0 < page < count:
            return False
        self.first = (self.first // page + direction) % -(-count // page) * page
        return True

    def source(self, run: RunState) -> object:
        return run.explanation

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.explanation
        self.subtitle = ""
        if event is None or run.started is None:
            return []
        bands, side = self._bands(width, height)
        shown = event.maps[:bands]
        if len(shown) < event.layer_count:
            last = event.first_layer + len(shown)
            layers = f"layers {event.first_layer + 1} to {last} of {event.layer_count}"
            self.subtitle = ", ".join(filter(None, (layers, self.appearance.hint("view.layer", "next"))))
        rows: list[Row] = []
        for layer in shown:
            rows += self._band(layer, side, width)
        return rows[: max(height, 0)]

    def _band(self, layer: LayerMaps, side: int, width: int) -> list[Row]:
        part = layer.pictures
        if part is None:
            return [(Span(layer.label, ""),)]
        across = max((width + 1) // (side + 1), 1)
        values = _values(part.values, part.rows, part.columns)[:across]
        what = f"all {layer.units} units" if part.count == 1 < layer.units else _of(part.first, len(values), part.count)
        head: Row = (Span(layer.label, ""), Span(f"   {what}, to {short_number(part.bound, 2)}", "muted"))
        picture = heat_maps(
            stretched(values, side, side),
            [("", "")] * len(values),
            Tiling(max(len(values), 1), 1, side, side // 2),
            glyphs=self.glyphs,
            shaded=self.appearance.shaded,
        )
        return [head, *picture[1:]]

    def _bands(self, width: int, height: int) -> tuple[int, int]:
        """How many layers have room, and the side of a map in points."""
        about = self._run.started
        layers = len(about.layers) if about is not None else 0
        bands = min(layers, height // (LEAST + 1))
        if bands < 1 or width < 2 * LEAST:
            return 0, 2 * LEAST
        return bands, 2 * min(height // bands - 1, MOST, width // 2)


def _values(values: bytes, rows: int, columns: int) -> FloatArray:
    found = np.frombuffer(values, np.int8).reshape(-1, rows, columns)
    return np.where(found == -128, np.nan, found / 127)


def _of(first: int, shown: int, count: int) -> str:
    return f"{count} channels" if shown == count else f"{first + 1} to {first + shown} of {count} channels"
