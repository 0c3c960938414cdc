"""Actions on the plane of two features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action(
    "boundary.open",
    "b",
    "Boundary",
    "Where the network draws its boundaries, for data of two features; and back",
    footer=7,
)
def boundary(app: TuiNN) -> None:
    app.toggle(app.boundary)


@action(
    "boundary.points",
    "o",
    "Points",
    "Show the points of training, validation, test, or none",
    footer=6,
    screen="boundary",
)
def points(app: TuiNN) -> None:
    app.boundary.next_points()


@action(
    "boundary.units",
    "full_stop,pagedown",
    "Units",
    "Show the next units of the layer, or samples",
    screen="boundary layers errors inside",
)
def following(app: TuiNN) -> None:
    app.run_screen.turn_units(+1)


@action(
    "boundary.back",
    "comma,pageup",
    "Units",
    "Show the units or samples before these",
    screen="boundary layers errors inside",
)
def before(app: TuiNN) -> None:
    app.run_screen.turn_units(-1)
