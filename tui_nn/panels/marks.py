"""Marks on the axis of every curve."""

from tui_nn.plots import Mark
from tui_nn.run_state import RunState

MOST_EPOCHS = 250
"""Ends of epochs that are looked at for each curve: more than any terminal has room for, with gaps between them."""


def marks(run: RunState) -> list[Mark]:
    """Where epochs ended, where something was changed, and since when something was found to be wrong."""
    every = 1
    while len(run.epoch_steps) > every * MOST_EPOCHS:
        every *= 2
    epochs = [Mark(step, "epoch") for step in run.epoch_steps[every - 1 :: every]]
    verdicts = [Mark(verdict.step, "verdict") for _, sign, verdict in run.verdict_log if sign == "+"]
    return epochs + verdicts + [Mark(step, "change") for step in run.change_steps]
