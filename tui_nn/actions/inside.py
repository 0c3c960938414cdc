"""Actions on the screen that looks inside one digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action(
    "inside.open",
    "I",
    "Explain",
    "Look inside the digit: what speaks for its answer, how that came, what would change it; and back",
    footer=5,
    screen="dashboard boundary layers errors inside",
)
def inside(app: TuiNN) -> None:
    app.toggle(app.inside)


@action("inside.previous", "up,k", "Up", "Choose the slider above", screen="inside")
def previous(app: TuiNN) -> None:
    app.inside.choose_slider(-1)


@action("inside.next", "down,j", "Down", "Choose the slider below", screen="inside")
def following(app: TuiNN) -> None:
    app.inside.choose_slider(+1)


@action(
    "inside.more",
    "right,l,plus,equals_sign",
    "Change",
    "Shift or turn the digit further, or make it noisier",
    footer=6,
    screen="inside",
)
def more(app: TuiNN) -> None:
    app.inside.move_slider(+1)


@action("inside.less", "left,h,minus", "Less", "Shift or turn the digit back, or make it less noisy", screen="inside")
def less(app: TuiNN) -> None:
    app.inside.move_slider(-1)


@action("inside.reset", "0", "As it is", "Show the digit as it is", footer=4, screen="inside")
def reset(app: TuiNN) -> None:
    app.inside.reset_sliders()
