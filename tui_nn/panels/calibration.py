"""Whether the network is as often right as it is sure."""

from tui_nn.panels.panel import Panel
from tui_nn.plots import ConfidenceBin, Row, Span, reliability_plot
from tui_nn.run_state import RunState


class CalibrationPanel(Panel):
    """The reliability plot, and the expected calibration error: how far the two are apart on average."""

    title = "Calibration"

    def source(self, run: RunState) -> object:
        return run.errors

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.errors
        self.title, self.subtitle = type(self).title, ""
        if event is None or not event.count:
            return []
        self.title = f"Calibration error {event.calibration_error:.1%}"
        bins = [ConfidenceBin(part.confidence, part.accuracy, part.count) for part in event.bins]
        sure = sum(part.confidence * part.samples for part in bins if part.samples) / event.count
        right = 1 - event.mistake_count / event.count
        figures = (
            Span("sure ", "muted"),
            Span(f"{sure:.1%}", "value"),
            Span("   right ", "muted"),
            Span(f"{right:.1%}", "value"),
            Span("   too sure" if sure > right else "   not sure enough", "muted"),
        )
        self.subtitle = "bar: right   line: how sure"
        return [figures, *reliability_plot(bins, width, height - 1, glyphs=self.glyphs)]
