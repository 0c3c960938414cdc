"""What single units of a layer give all over the plane: the parts that its boundaries are made of."""

import numpy as np

from engine.training.commands import MapUnits
from engine.training.events import UnitsMapped
from tui_nn.glyphs import has_shades
from tui_nn.panels.panel import Panel
from tui_nn.plots import HeatMap, Row, Tiling, heat_maps, short_number, tile
from tui_nn.run_state import RunState


class UnitsPanel(Panel):
    """A map for each unit of a layer, cold where it gives less than zero, warm where more; `page` turns them over."""

    title = "Units"

    answers = True
    shown_layer = 0
    first = 0

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shaded = self.glyphs != "ascii"
        self._drawn: tuple[object, ...] = ()
        self._picture: list[Row] = []

    def on_mount(self) -> None:
        self.shaded = self.glyphs != "ascii" and has_shades(self.app)

    def wish(self) -> MapUnits | None:
        """What fills the panel as it is now; None where not even one map has room."""
        tiling = self._tiling(self._run, *self.room)
        if not tiling.room:
            return None
        return MapUnits(*tiling.grid, self.shown_layer, self.first, tiling.room)

    def turn(self, direction: int) -> bool:
        """On to the next page of units (+1), or back (-1); False where all are in view."""
        units, room = self._run.units, self._tiling(self._run, *self.room).room
        if units is None or not 0 < room < units.unit_count:
            return False
        pages = -(-units.unit_count // room)
        self.first = (self.first // room + direction) % pages * room
        return True

    def next_layer(self) -> bool:
        """On to the next layer; False where there is only one."""
        units = self._run.units
        if units is not None and units.layer_count < 2:
            return False
        # From what was asked for last: two quick presses are two layers. The engine counts around the end.
        self.shown_layer, self.first = self.shown_layer + 1, 0
        return True

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.units
        if event is None:
            return []
        shown = len(event.bounds)
        last = event.first + shown
        self.title = f"Layer {event.layer + 1} of {event.layer_count}: {event.label}"
        pages = f"{event.first + 1} to {last} of {event.unit_count} units, .: next   "
        self.subtitle = (pages if shown < event.unit_count else "") + "w: layer"
        key = (event, width, height, self.shaded)
        if not self._drawn or key[0] is not self._drawn[0] or key[1:] != self._drawn[1:]:
            self._drawn = key
            self._picture = heat_maps(
                _maps(event), self._tiling(run, width, height), glyphs=self.glyphs, shaded=self.shaded
            )
        return self._picture

    def _tiling(self, run: RunState, width: int, height: int) -> Tiling:
        return tile(run.units.unit_count if run.units else 1, width, height)


def _maps(event: UnitsMapped) -> list[HeatMap]:
    values = np.frombuffer(event.values, np.int8).reshape(-1, event.rows, event.columns)
    shares = np.where(values == -128, np.nan, values / 127)
    return [
        HeatMap(share, str(event.first + place + 1), f"to {short_number(bound, 2)}" if bound else "silent")
        for place, (share, bound) in enumerate(zip(shares, event.bounds, strict=True))
    ]
