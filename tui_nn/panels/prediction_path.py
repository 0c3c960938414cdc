"""What the shown picture was taken for after the last epochs, and is now."""

from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, meter, one_cell
from tui_nn.run_state import RunState

NUMBER = 6


class PredictionPathPanel(Panel):
    """A row an epoch, the newest on top: what it was read as, and a bar for what spoke for its label."""

    title = "Path over the epochs"

    def source(self, run: RunState) -> object:
        return run.explanation

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event, about = run.explanation, run.started
        self.title, self.subtitle = type(self).title, ""
        if event is None or about is None:
            return []
        names = [one_cell(name, self.glyphs) for name in about.class_names]
        right, wrong = ("=", "x") if self.glyphs == "ascii" else ("✓", "✗")
        short = f"Path: is {names[event.label]}"
        self.title = f"Path over the epochs: is {names[event.label]}" if width >= len(short) + 20 else short
        self.subtitle = f"bar: what speaks for {names[event.label]}"
        label = min(max(map(len, names)), max(width // 4, 1))
        room = width - 8 - label - 3 - NUMBER
        rows: list[Row] = []
        for place, point in enumerate(reversed(event.path[-max(height, 0) :] if height > 0 else ())):
            good = point.answer == event.label
            role = "good" if good else "bad"
            when = "now" if place == 0 else f"{point.epoch:g}"
            rows.append(
                (
                    Span(f"{'' if place == 0 else 'epoch '}{when}"[:8].rjust(8) + " ", "muted"),
                    Span(f"{names[point.answer][:label]:>{label}} {right if good else wrong} ", role),
                    Span(meter(point.label_probability, room, self.glyphs), role),
                    Span(f"{point.label_probability * 100:{NUMBER - 1}.1f}", "muted"),
                )
            )
        return rows
