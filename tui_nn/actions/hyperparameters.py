"""Actions that steer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.training import commands as c
from tui_nn.actions.action import action
from tui_nn.screens.value import ValueScreen

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("hyperparameter.previous", "up,k", "Up", "Choose the hyperparameter above")
def previous(app: TuiNN) -> None:
    app.run_screen.choose(-1)


@action("hyperparameter.next", "down,j", "Down", "Choose the hyperparameter below")
def following(app: TuiNN) -> None:
    app.run_screen.choose(+1)


@action(
    "hyperparameter.raise",
    "right,plus,equals_sign",
    "Change",
    "Raise the chosen hyperparameter by one step",
    footer=6,
)
def increase(app: TuiNN) -> None:
    _move(app, +1)


@action("hyperparameter.lower", "left,minus", "Lower", "Lower the chosen hyperparameter by one step")
def decrease(app: TuiNN) -> None:
    _move(app, -1)


@action("hyperparameter.type", "enter", "Type", "Type a value for the chosen hyperparameter")
def type_value(app: TuiNN) -> None:
    chosen = app.run_screen.chosen
    if chosen is not None:
        app.push_screen(ValueScreen(chosen, app.send))


def _move(app: TuiNN, direction: int) -> None:
    chosen = app.run_screen.chosen
    if chosen is not None:
        app.send(c.StepHyperparameter(chosen.name, direction))
