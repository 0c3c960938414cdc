"""Actions on the screen of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action(
    "layers.open",
    "i",
    "Layers",
    "Look inside a layer: its numbers, its units, its pictures; and back",
    footer=5,
    screen="dashboard boundary layers errors inside",
)
def layers(app: TuiNN) -> None:
    app.toggle(app.layers)


@action("layers.before", "W", "Layer back", "Look inside the layer before", screen="layers")
def before(app: TuiNN) -> None:
    app.layers.step_layer(-1)
