"""Accuracy over the run."""

from tui_nn.panels.loss import marks
from tui_nn.panels.panel import Panel
from tui_nn.plots import Curve, Row, line_plot
from tui_nn.run_state import RunState


class AccuracyPanel(Panel):
    """Share of right answers, in percent: in training (with dropout, as it happened) and on the validation split."""

    BORDER_TITLE = "Accuracy %"

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        train, validation = run.train_accuracy, run.validation_accuracy
        curves = [
            Curve(train.step, train.mean * 100, "train", "train", train.low * 100, train.high * 100),
            Curve(validation.step, validation.mean * 100, "validation", "validation"),
        ]
        return line_plot(curves, width, height, marks=marks(run), glyphs=self.glyphs)
