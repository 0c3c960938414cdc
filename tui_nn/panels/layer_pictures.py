"""The weights of a layer as pictures, and what it gives for a digit."""

from collections.abc import Sequence

import numpy as np

from engine.training.commands import MOST_POINTS, PicturesWish
from engine.training.events import Pictures
from tui_nn.panels.panel import Panel
from tui_nn.plots import FloatArray, Row, Span, Tiling, heat_maps, short_number, tile
from tui_nn.plots.grid import stretched
from tui_nn.run_state import RunState

KINDS = {
    "pixels": "Weights from the pixels",
    "filters": "Filters",
    "matrix": "Weight matrix",
    "": "Weights as pictures",
}

READABLE, SEVERAL = 14, 3
"""Columns of a picture that shows more than a blot; where not all have room, so many of those are better than more."""


LARGEST = 256
"""Points of a side that are asked for at most, whatever the terminal's size: they are stretched."""


class PicturesPanel(Panel):
    """Small pictures of a layer, page by page, all on one scale: cold below zero, warm above."""

    answers = True
    first = 0
    own = 0
    """Pictures on each page that are not the layer's."""

    def pictures(self, run: RunState) -> Pictures | None:
        """The pictures in the answer that came last."""
        raise NotImplementedError

    def wish(self) -> PicturesWish | None:
        """What fills the panel as it is now; None where not even one picture has room."""
        tiling = self._tiling(self._run, *self.room)
        if not self._page(tiling):
            return None
        columns, rows = (min(side, LARGEST) for side in tiling.grid)
        return PicturesWish(columns, rows, self.first, self._page(tiling))

    def turn(self, direction: int) -> bool:
        """On to the next page (+1), or back (-1); False where all are in view."""
        pictures = self.pictures(self._run)
        page = self._page(self._tiling(self._run, *self.room))
        if pictures is None or not 0 < page < pictures.count:
            return False
        self.first = (self.first // page + direction) % -(-pictures.count // page) * page
        return True

    def source(self, run: RunState) -> object:
        return run.layer

    def page_text(self, pictures: Pictures, page: int) -> str:
        """Which of them are in view, and the scale."""
        shown = min(pictures.shown, page)
        parts = [f"to {short_number(pictures.bound, 2)}"]
        if shown < pictures.count:
            pages = f"{pictures.first + 1} to {pictures.first + shown} of {pictures.count}"
            parts.insert(0, ", ".join(filter(None, (pages, self.appearance.hint("boundary.units", "next")))))
        return "   ".join(parts)

    def tiles(
        self,
        run: RunState,
        pictures: Sequence[Pictures],
        labels: Sequence[tuple[str, str]],
        width: int,
        height: int,
    ) -> list[Row]:
        """Those pictures beside and below one another, each kind on its scale."""
        tiling = self._tiling(run, width, height)
        columns, rows = tiling.grid
        if not tiling.room:
            return []
        values = np.concatenate([_sheets(part, rows, columns) for part in pictures])
        return heat_maps(values, labels, tiling, glyphs=self.glyphs, shaded=self.appearance.shaded)

    def _page(self, tiling: Tiling) -> int:
        columns, rows = (min(side, LARGEST) for side in tiling.grid)
        return min(max(tiling.room - self.own, 0), MOST_POINTS // max(columns * rows, 1))

    def _tiling(self, run: RunState, width: int, height: int) -> Tiling:
        pictures = self.pictures(run)
        if pictures is None:
            return tile(1 + self.own, width, height)
        tiling = tile(pictures.count + self.own, width, height)
        larger = (width + 1) // (READABLE + 1) * (height // (READABLE // 2 + 1))
        if tiling.room >= pictures.count + self.own or pictures.whole <= tiling.width or larger < SEVERAL:
            return tiling
        return tile(larger, width, height)


class WeightPicturesPanel(PicturesPanel):
    """A picture for each unit of a layer that looks at pixels, for each filter of a convolution, or the matrix."""

    title = KINDS[""]

    def pictures(self, run: RunState) -> Pictures | None:
        return run.layer.pictures if run.layer is not None else None

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.layer
        self.subtitle = ""
        if event is None:
            return []
        self.title = KINDS[event.kind]
        pictures = event.pictures
        if pictures is None:
            return [(Span("this layer's weights are no pictures", "muted"),)] if not event.kind else []
        self.subtitle = self.page_text(pictures, self._page(self._tiling(run, width, height)))
        if event.kind == "matrix":
            self.subtitle = f"inputs across, outputs down   {self.subtitle}"
            return self.tiles(run, [pictures], [("", "")], width, height)
        units = next((item.units for item in event.units if item.layer == event.name), pictures.count)
        channels = max(pictures.count // max(units, 1), 1)
        labels = []
        for place in range(pictures.first, pictures.first + pictures.shown):
            unit, channel = divmod(place, channels)
            name = str(unit + 1) if channels == 1 else f"{unit + 1}.{channel + 1}"
            labels.append((name, "dead" if unit in event.dead else ""))
        return self.tiles(run, [pictures], labels, width, height)

    def _tiling(self, run: RunState, width: int, height: int) -> Tiling:
        if run.layer is not None and run.layer.kind == "matrix":
            return Tiling(1, 1, width, height - 1) if min(width, height - 1) > 0 else Tiling(0, 0, 0, 0)
        return super()._tiling(run, width, height)


class ActivationMapsPanel(PicturesPanel):
    """The digit that is looked at, and what each channel of the layer gives for it, or all units in one picture."""

    title = "Activation maps"
    own = 1

    def pictures(self, run: RunState) -> Pictures | None:
        return run.layer.maps if run.layer is not None else None

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.layer
        self.subtitle = ""
        if event is None or event.maps is None or run.started is None:
            return []
        maps = event.maps
        layers = {layer.name: layer.label for layer in run.started.layers}
        self.title = f"Test sample {event.digit + 1} in {layers.get(event.name, event.name)}"
        hint = self.appearance.hint("digit.next", "another")
        self.subtitle = "   ".join(
            filter(None, (self.page_text(maps, self._page(self._tiling(run, width, height))), hint))
        )
        units = next((item.units for item in event.units if item.layer == event.name), 0)
        whole = maps.count == 1 and units > 1
        labels = [(f"all {units} units", "")] if whole else [(str(maps.first + n + 1), "") for n in range(maps.shown)]
        if event.sample is None:
            return self.tiles(run, [maps], labels, width, height)
        return self.tiles(run, [event.sample, maps], [("sample", _named(run, event.digit)), *labels], width, height)


def _named(run: RunState, digit: int) -> str:
    """What the sample is, where that is known."""
    about, sample = run.started, run.prediction
    if about is None or sample is None or sample.index != digit or not 0 <= sample.label < len(about.class_names):
        return ""
    return about.class_names[sample.label]


def _sheets(pictures: Pictures, rows: int, columns: int) -> FloatArray:
    """The values in -1..1, in that size: (shown, rows, columns)."""
    values = np.frombuffer(pictures.values, np.int8).reshape(-1, pictures.rows, pictures.columns)
    return stretched(np.where(values == -128, np.nan, values / 127), rows, columns)
