"""Which class the network sees where, all over the plane of two features."""

from typing import Literal

import numpy as np

from engine.training.commands import MapBoundary
from engine.training.events import BoundaryMapped
from tui_nn.panels.panel import Panel
from tui_nn.plots import Points, Row, Span, Surface, plain_text, surface_grid, surface_plot
from tui_nn.run_state import RunState

SPLITS: tuple[Literal["train", "validation", "test", ""], ...] = ("train", "validation", "test", "")

LARGEST = 360, 180
"""Grid points that are asked for at most, whatever the terminal's size: the plot stretches them."""

GAP = "   "


class BoundaryPanel(Panel):
    """The decision surface, darker where the network is less sure, with the samples of a split on it."""

    title = "Decision boundary"

    answers = True
    split = 0

    def wish(self) -> MapBoundary:
        """What fills the panel as it is now."""
        width, height = self.room
        columns, rows = surface_grid(width, height - 1)
        return MapBoundary(min(columns, LARGEST[0]), min(rows, LARGEST[1]), SPLITS[self.split])

    def source(self, run: RunState) -> object:
        return run.boundary

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.boundary
        if run.started is None or event is None:
            return []
        self.subtitle = self._points(event)
        picture = surface_plot(
            _surface(event, len(run.started.class_names)),
            _samples(event),
            width,
            height - 1,
            class_names=run.started.class_names,
            feature_names=run.started.feature_names or ("x", "y"),
            glyphs=self.glyphs,
            shaded=self.appearance.shaded,
        )
        return [_figures(run, event, width), *picture]

    def _points(self, event: BoundaryMapped) -> str:
        """The subtitle: how many of the points are taken for another class."""
        if not event.split:
            return self.appearance.hint("boundary.points", "show points")
        labels, taken_for = (np.frombuffer(part, np.uint16) for part in (event.labels, event.taken_for))
        wrong = f"{event.split}: {np.count_nonzero(labels != taken_for)} of {labels.size} points wrong"
        return "   ".join(filter(None, (wrong, self.appearance.hint("boundary.points", "others"))))


def _surface(event: BoundaryMapped, classes: int) -> Surface:
    shape = event.rows, event.columns
    parts = np.frombuffer(event.probabilities, np.uint8).reshape(shape) / 255
    # The class is the likeliest of all, so that 1 / classes is no sureness at all.
    sureness = np.clip((parts - 1 / classes) / (1 - 1 / classes), 0, 1)
    sureness[parts == 0] = np.nan
    return Surface(np.frombuffer(event.answers, np.uint16).reshape(shape).astype(int), sureness, event.x, event.y)


def _samples(event: BoundaryMapped) -> Points:
    points = np.frombuffer(event.points, np.float32).reshape(-1, 2).astype(float)
    labels, taken_for = (np.frombuffer(part, np.uint16).astype(int) for part in (event.labels, event.taken_for))
    return Points(points[:, 0], points[:, 1], labels, labels != taken_for)


def _figures(run: RunState, event: BoundaryMapped, width: int) -> Row:
    """The step at which the network drew this, loss and accuracy, as much as has room."""
    parts = [("at step", f"{event.step:,}")]
    for name, loss, accuracy in (
        ("loss", run.train_loss, run.train_accuracy),
        ("validation loss", run.validation_loss, run.validation_accuracy),
    ):
        if len(loss):
            parts += [(name, f"{loss.mean[-1]:.4f}"), ("accuracy", f"{accuracy.mean[-1] * 100:.1f} %")]
    row: Row = ()
    for name, value in parts:
        longer = (*row, Span(f"{GAP if row else ''}{name} ", "muted"), Span(value, "value"))
        if len(plain_text([longer])) > width:
            break
        row = longer
    return row
