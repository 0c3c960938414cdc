"""Loss over the run."""

from typing import Literal

from tui_nn.panels.marks import marks
from tui_nn.panels.panel import Panel
from tui_nn.plots import Curve, Row, line_plot
from tui_nn.run_state import RunState


class LossPanel(Panel):
    """Training loss with its range, validation loss, epochs and changes; logarithmic or linear."""

    title = "Loss"

    scale: Literal["linear", "log"] = "log"

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        self.subtitle = f"{self.scale} scale"
        train, validation = run.train_loss, run.validation_loss
        curves = [
            Curve(train.step, train.mean, "train", "train", train.low, train.high),
            Curve(validation.step, validation.mean, "validation", "validation"),
        ]
        return line_plot(curves, width, height, scale=self.scale, marks=marks(run), glyphs=self.glyphs)
