"""Actions on the run itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.training import commands as c
from tui_nn.actions.action import action
from tui_nn.pace import WATCHABLE_S

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("training.pause", "space", "Pause", "Pause, or go on", footer=7)
def pause(app: TuiNN) -> None:
    app.send(c.Resume() if app.run_state.phase in ("paused", "ended") else c.Pause())


@action("training.step", "s", "Step", "Take one step, then pause", footer=4)
def step(app: TuiNN) -> None:
    app.send(c.RunSteps(1))


@action("training.epoch", "e", "Epoch", "Train to the end of this epoch, then pause; after the last one, add an epoch")
def epoch(app: TuiNN) -> None:
    app.send(c.RunEpoch())


@action("training.speed", "f", "Speed", "Full speed, or slow enough to watch", footer=4)
def speed(app: TuiNN) -> None:
    app.send(c.SetPace(0.0 if app.run_state.pace else WATCHABLE_S))


@action("training.restart", "r", "Restart", "Begin again: the same seed, the hyperparameters as they are now")
def restart(app: TuiNN) -> None:
    app.send(c.Restart())


@action(
    "training.undo", "u", "Undo", "Go back to before the latest change; again: to before the one that came before it"
)
def undo(app: TuiNN) -> None:
    app.send(c.Undo())


@action(
    "training.rewind",
    "R",
    "Rewind",
    "Go back to the latest checkpoint before the cursor on the curves",
    screen="dashboard",
)
def rewind(app: TuiNN) -> None:
    app.dashboard.rewind()


@action("training.new", "N", "New", "Set up another run, and begin it beside the present curves", footer=2)
def set_up(app: TuiNN) -> None:
    app.set_up()


@action("training.preflight", "P", "Pre-flight", "Check data, gradients and the start of this configuration")
def preflight(app: TuiNN) -> None:
    app.check_run()


@action("training.stop", "x", "Stop", "End the run here: test it and save it")
def stop(app: TuiNN) -> None:
    app.send(c.Stop())


@action("training.save", "c", "Save", "Write a checkpoint of this step")
def save(app: TuiNN) -> None:
    app.send(c.SaveCheckpoint())
