"""Marks on the axis of every curve."""

from tui_nn.plots import Mark
from tui_nn.run_state import RunState


def marks(run: RunState) -> list[Mark]:
    """Where epochs ended, where something was changed, and since when something was found to be wrong."""
    epochs = [Mark(step, "epoch") for step in run.epoch_steps]
    verdicts = [Mark(verdict.step, "verdict") for _, sign, verdict in run.verdict_log if sign == "+"]
    return epochs + verdicts + [Mark(step, "change") for step in run.change_steps]
