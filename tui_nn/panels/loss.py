"""Loss over the run."""

from collections.abc import Sequence

from tui_nn.panels.curve_panel import CurvePanel, Line
from tui_nn.plots import Row, Scale
from tui_nn.run_state import RunState


class LossPanel(CurvePanel):
    """Training loss with its range, validation loss, epochs and changes; logarithmic or linear."""

    title = "Loss"

    scale: Scale = "log"

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        self.about = f"{self.scale} scale"
        return super().draw(run, width, height)

    def lines(self, run: RunState) -> Sequence[Line]:
        before = run.before
        return (
            Line(run.train_loss, "train", "train", before and before.train_loss, ranged=True),
            Line(run.validation_loss, "validation", "validation", before and before.validation_loss, noisy=False),
        )
