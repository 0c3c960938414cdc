"""What single units of a layer give all over the plane: the parts that its boundaries are made of."""

import numpy as np

from engine.training.commands import MapUnits
from engine.training.events import UnitsMapped
from tui_nn.panels.panel import Panel
from tui_nn.plots import FloatArray, Row, Tiling, heat_maps, short_number, tile
from tui_nn.run_state import RunState


class UnitsPanel(Panel):
    """A map for each unit of a layer, cold where it gives less than zero, warm where more; `page` turns them over."""

    title = "Units"

    answers = True
    shown_layer = 0
    first = 0

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

    def source(self, run: RunState) -> object:
        return run.units

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.units
        if event is None:
            return []
        shown = len(event.bounds)
        last = event.first + shown
        self.title = f"Layer {event.layer + 1} of {event.layer_count}: {event.label}"
        pages = (
            f"{event.first + 1} to {last} of {event.unit_count} units",
            self.appearance.hint("boundary.units", "next"),
        )
        parts = (
            ", ".join(filter(None, pages)) if shown < event.unit_count else "",
            self.appearance.hint("view.layer", "layer"),
        )
        self.subtitle = "   ".join(filter(None, parts))
        return heat_maps(
            _values(event),
            _labels(event),
            self._tiling(run, width, height),
            glyphs=self.glyphs,
            shaded=self.appearance.shaded,
        )

    def _tiling(self, run: RunState, width: int, height: int) -> Tiling:
        return tile(run.units.unit_count if run.units else 1, width, height)


def _values(event: UnitsMapped) -> FloatArray:
    values = np.frombuffer(event.values, np.int8).reshape(-1, event.rows, event.columns)
    return np.where(values == -128, np.nan, values / 127)


def _labels(event: UnitsMapped) -> list[tuple[str, str]]:
    """The number of each unit, and the largest size of what it gives."""
    return [
        (str(event.first + place + 1), f"to {short_number(bound, 2)}" if bound else "silent")
        for place, bound in enumerate(event.bounds)
    ]
