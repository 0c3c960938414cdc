"""Actions that choose the sample to look at."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from engine.training import commands as c
from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("digit.next", "n", "Sample", "Show the next test sample", footer=3, screen="dashboard layers inside")
def following(app: TuiNN) -> None:
    app.send(c.StepDigit(+1))


@action("digit.previous", "p", "Back", "Show the test sample before", screen="dashboard layers inside")
def previous(app: TuiNN) -> None:
    app.send(c.StepDigit(-1))


@action("digit.random", "d", "Random", "Show a random test sample", screen="dashboard layers inside")
def chance(app: TuiNN) -> None:
    run = app.run_state
    if run.started is not None and run.prediction is not None and run.started.test_count > 1:
        # Any digit but the one that is shown, or a press in a thousand would seem lost.
        step = random.randrange(1, run.started.test_count)
        app.send(c.PredictDigit((run.prediction.index + step) % run.started.test_count))


@action(
    "digit.mistake",
    "m",
    "Mistake",
    "Show the next test sample that the network gets wrong",
    footer=2,
    screen="dashboard layers inside",
)
def mistake(app: TuiNN) -> None:
    app.send(c.FindMistake())
