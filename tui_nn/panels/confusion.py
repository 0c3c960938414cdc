"""What is taken for what: counts of a split, with a cursor that chooses the samples to be shown."""

import numpy as np
from textual.events import Click
from textual.message import Message

from engine.training.events import ErrorsMeasured
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, confusion_cells, confusion_plot, one_cell
from tui_nn.run_state import RunState

NO_CLASSES = "the answers are numbers: there are no classes to be confused"


class ConfusionPanel(Panel):
    """A row for each class, a column for what it is taken for. Arrows or a click choose a cell."""

    title = "Confusion"
    answers = True

    cursor: tuple[int, int] | None = None
    """Label and answer of the chosen cell."""

    class Picked(Message):
        """A cell was clicked on; None: beside all."""

        def __init__(self, cell: tuple[int, int] | None) -> None:
            super().__init__()
            self.cell = cell

    def enough(self, run: RunState) -> int | None:
        if run.started is None or not run.started.class_names:
            return None
        return 3 * len(run.started.class_names) + 3

    def source(self, run: RunState) -> object:
        return (run.errors, self.cursor) if run.errors is not None else None

    def move(self, across: int, down: int) -> None:
        """To the cell beside; from none to the one with the most errors."""
        event = self._run.errors
        if event is None:
            return
        matrix = counts(event)
        if self.cursor is None:
            off = matrix - np.diag(matrix.diagonal())
            self.cursor = divmod(int(off.argmax()), len(matrix))
        else:
            row, column = self.cursor
            self.cursor = (row + down) % len(matrix), (column + across) % len(matrix)

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event, about = run.errors, run.started
        self.title, self.subtitle = type(self).title, ""
        if about is None or event is None:
            return [(Span(NO_CLASSES, "muted"),)] if about is not None and about.target else []
        matrix, cursor = counts(event), self._cursor(event)
        wrong = f"{event.mistake_count:,} of {event.count:,} wrong"
        self.title = f"Confusion in {event.split}, step {event.step:,}: {wrong}"
        if cursor is None:
            self.subtitle = "down: what it is, across: what it is read as"
        else:
            row, column = cursor
            names = [one_cell(about.class_names[place], self.glyphs) for place in cursor]
            total = int(matrix[row].sum())
            share = f", {matrix[row, column] / total:.1%}" if total else ""
            self.subtitle = f"{names[0]} read as {names[1]}: {matrix[row, column]:,} of {total:,}{share}"
        return confusion_plot(
            matrix,
            about.class_names,
            width,
            height,
            cursor=cursor,
            glyphs=self.glyphs,
            shaded=self.appearance.shaded,
        )

    def on_click(self, event: Click) -> None:
        about, errors = self._run.started, self._run.errors
        if about is None or errors is None or event.chain != 1:
            return
        cells = confusion_cells(counts(errors), about.class_names, *self.room, self._cursor(errors))
        if cells is not None:
            self.post_message(self.Picked(cells.at(event.x - 1, event.y - 1)))

    def _cursor(self, event: ErrorsMeasured) -> tuple[int, int] | None:
        """The cursor, where there is such a cell: another run may have fewer classes."""
        classes = len(event.accuracies)
        return self.cursor if self.cursor is not None and max(self.cursor) < classes else None


def counts(event: ErrorsMeasured) -> np.ndarray:
    """The matrix, (classes, classes)."""
    classes = len(event.accuracies)
    return np.frombuffer(event.matrix, np.uint32).reshape(classes, classes).astype(np.int64)
