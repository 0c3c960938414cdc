"""Actions that choose the digit to look at."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from engine.training import commands as c
from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("digit.next", "n", "Digit", "Show the next test digit", footer=True)
def following(app: TuiNN) -> None:
    app.send(c.StepDigit(+1))


@action("digit.previous", "p", "Back", "Show the test digit before")
def previous(app: TuiNN) -> None:
    app.send(c.StepDigit(-1))


@action("digit.random", "d", "Random", "Show a random test digit")
def chance(app: TuiNN) -> None:
    if app.run_state.started is not None:
        app.send(c.PredictDigit(random.randrange(app.run_state.started.test_count)))


@action("digit.mistake", "m", "Mistake", "Show the next test digit that the network gets wrong", footer=True)
def mistake(app: TuiNN) -> None:
    app.send(c.FindMistake())
