"""What the network takes a drawing for: ten bars for each digit, from the network as it is at that step."""

from collections.abc import Sequence

from engine.training.events import DrawnDigit
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, meter
from tui_nn.run_state import RunState

CLASSES = 10

LABEL = 2
"""Cells of a class's name."""

GAP, NUMBER, LEAST_BAR = 2, 3, 3
"""Between the bars of two digits, of a percentage, and of a bar."""


class DrawingBarsPanel(Panel):
    """A row a class and a column a digit; where not all digits have room, the last ones."""

    title = "Read as"

    answers = True

    def source(self, run: RunState) -> object:
        return run.drawing

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event = run.drawing
        digits = event.digits if event is not None else ()
        self.title = f"Read as {''.join(str(digit.answer) for digit in digits)}".rstrip()
        step = f"at step {event.step:,}" if event is not None and digits else ""
        self.subtitle = step if len(step) <= width - 3 else ""
        room = max(1, (width - LABEL + GAP) // (LEAST_BAR + 1 + NUMBER + GAP))
        shown = digits[-room:]
        if height < CLASSES + (len(shown) > 1):
            return self._first(shown, width, height)
        rows = [self._class(label, shown, width) for label in range(CLASSES)]
        head = [self._head(shown, width)] if len(shown) > 1 else []
        if height >= 2 * CLASSES - 1 + 2 * len(head):
            rows = [line for row in rows for line in (row, ())][:-1]
            head = [*head, ()] if head else []
        return head + rows

    def _class(self, label: int, digits: Sequence[DrawnDigit], width: int) -> Row:
        """What speaks for a class in each digit."""
        chosen = any(digit.answer == label for digit in digits)
        row: Row = (Span(f"{label:<{LABEL}}", "value" if chosen else "muted"),)
        each = _each(width, len(digits))
        for place, digit in enumerate(digits):
            row = (*row, *self._bar(digit, label, each), Span(" " * GAP * (place + 1 < len(digits))))
        return row

    def _head(self, digits: Sequence[DrawnDigit], width: int) -> Row:
        each = _each(width, len(digits))
        row: Row = (Span(" " * LABEL),)
        for digit in digits:
            row = (*row, Span(f"{digit.answer:<{each + GAP}}", "value"))
        return row

    def _first(self, digits: Sequence[DrawnDigit], width: int, height: int) -> list[Row]:
        """Where there is no room for ten classes, those that speak most for themselves, digit by digit."""
        if not digits:
            return []
        each = (width - GAP * (len(digits) - 1)) // len(digits) - LABEL
        orders = [
            sorted(range(CLASSES), key=lambda label, digit=digit: -digit.probabilities[label])  # type: ignore[misc]
            for digit in digits
        ]
        rows: list[Row] = []
        for place in range(min(height, CLASSES)):
            row: Row = ()
            for digit, order in zip(digits, orders, strict=True):
                label = order[place]
                emphasis = "value" if label == digit.answer else "muted"
                row = (*row, Span(f"{label:<{LABEL}}", emphasis), *self._bar(digit, label, each), Span(" " * GAP))
            rows.append(row)
        return rows

    def _bar(self, digit: DrawnDigit, label: int, width: int) -> Row:
        """A bar with its percentage behind it, in so many cells."""
        probability, best = digit.probabilities[label], label == digit.answer
        number = f"{probability * 100:5.1f}" if width >= 12 else f"{probability * 100:{NUMBER}.0f}"
        room = max(0, width - len(number) - 1)
        return (
            Span(meter(probability, room, self.glyphs), "bar" if best else "bar-range"),
            Span(f" {number}", "value" if best else "muted"),
        )


def _each(width: int, count: int) -> int:
    """Cells of the bar and the percentage of each of so many digits."""
    return max(0, (width - LABEL - GAP * (count - 1)) // count) if count else 0
