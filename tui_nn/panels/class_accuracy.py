"""How often the network is right about each class, and how far chance alone may have moved that."""

from math import floor, isnan, sqrt

from engine.training.events import ErrorsMeasured
from tui_nn.panels.panel import Panel
from tui_nn.plots import Bar, Row, Span, bar_chart, fit, one_cell
from tui_nn.run_state import RunState

ERROR = 6
"""Cells of a standard error behind the bars."""


class ClassAccuracyPanel(Panel):
    """A bar a class, in percent, with a whisker of one standard error; where not all have room, the worst classes."""

    title = "Accuracy by class"

    def enough(self, run: RunState) -> int | None:
        # All together, the axis, the frame.
        return len(run.started.class_names) + 4 if run.started is not None and run.started.class_names else None

    def source(self, run: RunState) -> object:
        return run.errors

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event, about = run.errors, run.started
        self.subtitle = ""
        if event is None or about is None or not event.count or height < 1:
            return []
        names = [one_cell(name, self.glyphs) for name in about.class_names]
        known = [place for place, accuracy in enumerate(event.accuracies) if not isnan(accuracy)]
        worst = sorted(known, key=lambda place: event.accuracies[place])
        shown = sorted(worst[: max(height - 1, 1)])
        figures = [("all", *_of_all(event), "bar")]
        figures += [(names[place], event.accuracies[place], event.standard_errors[place], "train") for place in shown]
        figures = figures[:height]
        if len(shown) < len(known):
            self.subtitle = f"the worst {len(shown)} of {len(known)}"
        else:
            self.subtitle = f"{event.split}, step {event.step:,}   whisker: one standard error"
        low = floor(min(100 * (accuracy - error) for _, accuracy, error, _ in figures) / 10) * 10
        bars = [
            Bar(name, 100 * p, 100 * max(p - error, 0), 100 * min(p + error, 1), "", role)
            for name, p, error, role in figures
        ]
        wide = width >= 30
        rows = bar_chart(
            bars,
            width - ERROR * wide,
            height,
            scale="linear",
            x_range=(max(min(low, 90), 0), 100.0),
            glyphs=self.glyphs,
        )
        if not wide:
            return rows
        sign = "+-" if self.glyphs == "ascii" else "±"
        errors = [f"{f'{sign}{100 * error:.1f}':>{ERROR}}" for _, _, error, _ in figures]
        errors += [""] * (len(rows) - len(errors))
        return [
            (*fit(row, width - ERROR), Span(f"{error:<{ERROR}}", "muted"))
            for row, error in zip(rows, errors, strict=True)
        ]


def _of_all(event: ErrorsMeasured) -> tuple[float, float]:
    """The share of all samples that is right, and its standard error."""
    p = 1 - event.mistake_count / event.count
    return p, sqrt(p * (1 - p) / event.count)
