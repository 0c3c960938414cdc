"""The figures of a run in a few rows, where curves have no room."""

from tui_nn.panels.hyperparameters import selected, value_text
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, one_cell, short_number, whole_words
from tui_nn.run_state import RunState

COLUMN = 8
"""Cells of a figure at the least, so that they stand below one another."""


class FiguresPanel(Panel):
    """Loss and accuracy, in training and on the validation split, and the hyperparameter that keys change."""

    title = "Figures"

    answers = True
    chosen = 0

    def enough(self, run: RunState) -> int:
        return 8

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if run.started is None:
            return []
        rows = [self._head(width), *self._splits(run, width)]
        hyperparameter = selected(run, self.chosen)
        if hyperparameter is not None:
            pointer = ">" if self.glyphs == "ascii" else "▸"
            name = f"{pointer} {hyperparameter.name.replace('_', ' ')}"
            rows.append(_line(name, value_text(hyperparameter, run), width, "selected"))
        if len(run.gradient_norm):
            rows.append(_line("gradient norm", short_number(run.gradient_norm.mean[-1]), width))
        if run.samples_per_second:
            rows.append(_line("samples/s", f"{run.samples_per_second:,.0f}", width))
        return rows[:height]

    def _head(self, width: int) -> Row:
        label, column = _columns(width)
        if not column:
            return ()
        return (
            Span(" " * label),
            Span(f"{whole_words('train', column):>{column}}", "train"),
            Span(f"{'validation' if column > 10 else 'valid':>{column}}", "validation"),
        )

    def _splits(self, run: RunState, width: int) -> list[Row]:
        label, column = _columns(width)
        about = run.started
        assert about is not None
        losses = [
            loss_text(history.mean[-1]) if len(history) else "" for history in (run.train_loss, run.validation_loss)
        ]
        if about.target:
            name, histories, factor, unit = "error", (run.train_rmse, run.validation_rmse), 1.0, ""
        else:
            name, histories, factor, unit = "accuracy", (run.train_accuracy, run.validation_accuracy), 100.0, " %"
        second = [
            f"{history.mean[-1] * factor:.1f}{unit}" if unit and len(history)
            else short_number(history.mean[-1]) if len(history) else ""
            for history in histories
        ]  # fmt: skip
        return [
            (Span(f"{one_cell(title, self.glyphs):<{label}}", "muted"), *(_cell(text, column) for text in texts))
            for title, texts in (("loss", losses), (name, second))
        ]


def loss_text(loss: float) -> str:
    """Four places, as long as they have room."""
    return f"{loss:.4f}" if abs(loss) < 1000 else short_number(loss)


def _columns(width: int) -> tuple[int, int]:
    """Cells of the names, and of each of the two columns behind them."""
    column = min(max((width - 9) // 2, 0), 14)
    return (width - 2 * column, column) if column >= COLUMN - 1 else (width, 0)


def _cell(text: str, column: int) -> Span:
    return Span(f"{text:>{column}}" if column else "", "value")


def _line(name: str, value: str, width: int, role: str = "muted") -> Row:
    """The name at the left, as far as it has room beside its value at the right."""
    room = max(width - len(value) - 1, 0)
    return Span(f"{whole_words(name, room):<{room}} ", role), Span(value, "value")
