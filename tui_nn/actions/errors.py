"""Actions on the screen of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action(
    "errors.open",
    "E",
    "Errors",
    "What the network is wrong about: confusions, mistakes, calibration, labels in doubt; and back",
    footer=5,
    screen="dashboard boundary layers errors inside",
)
def errors(app: TuiNN) -> None:
    app.toggle(app.errors)


@action("errors.left", "left,h", "Left", "Choose the cell of the matrix to the left", screen="errors")
def left(app: TuiNN) -> None:
    app.errors.move(-1, 0)


@action("errors.down", "down,j", "Down", "Choose the cell below", screen="errors")
def down(app: TuiNN) -> None:
    app.errors.move(0, +1)


@action("errors.up", "up,k", "Up", "Choose the cell above", screen="errors")
def up(app: TuiNN) -> None:
    app.errors.move(0, -1)


@action("errors.right", "right,l", "Right", "Choose the cell to the right", screen="errors")
def right(app: TuiNN) -> None:
    app.errors.move(+1, 0)


@action("errors.split", "o", "Split", "The errors in test, validation or training", footer=6, screen="errors")
def split(app: TuiNN) -> None:
    app.errors.next_split()


@action("errors.inside", "enter", "Explain", "Look inside the first of the samples that are shown", screen="errors")
def explain(app: TuiNN) -> None:
    app.errors.explain()
