"""Marks on the axis of every curve."""

from tui_nn.plots import Mark
from tui_nn.run_state import RunState


def marks(run: RunState) -> list[Mark]:
    """Where epochs ended and where something was changed."""
    epochs = [Mark(step, "epoch") for step in run.epoch_steps]
    return epochs + [Mark(step, "change") for step in run.change_steps]
