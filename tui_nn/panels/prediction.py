"""One sample of the test split, and what the network takes it for."""

import numpy as np

from engine.training.events import DigitPredicted
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, bitmap, fit, meter, short_number, shorten
from tui_nn.run_state import RunState

GAP = 2
NUMBER = 6
LONGEST_NAME = 20


class PredictionPanel(Panel):
    """The picture, or what else was measured, at the left; a bar of probability for each class at the right."""

    title = "Test sample"
    answers = True

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        digit = run.prediction
        if run.started is None or digit is None:
            return []
        names = run.started.class_names
        best = digit.answer
        right = best == digit.label
        kind = "digit" if digit.pixels else "sample"
        self.title = f"Test {kind} {digit.index + 1} of {run.started.test_count}"
        sign = "" if self.glyphs == "ascii" else " ✓" if right else " ✗"
        role = "good" if right else "bad"
        verdict = [
            (Span("it is   "), Span(names[digit.label], "value")),
            (Span("read as "), Span(names[best] + sign, role)),
        ]
        left, taken = self._picture(digit) if digit.pixels else self._features(digit, run.started.feature_names, height)
        bars: list[Row] = [*verdict, (), *self._bars(digit, names, best, width - taken - GAP)]
        rows = max(len(left), min(len(bars), height))
        left += [()] * (rows - len(left))
        bars += [()] * (rows - len(bars))
        return [
            (*fit(left_side, taken), Span(" " * GAP), *right_side)
            for left_side, right_side in zip(left, bars, strict=False)
        ]

    def _picture(self, digit: DigitPredicted) -> tuple[list[Row], int]:
        """The picture, and how many columns it takes."""
        pixels = np.frombuffer(digit.pixels, np.uint8).reshape(digit.height, digit.width) / 255
        return bitmap(pixels, glyphs=self.glyphs), digit.width

    def _features(self, digit: DigitPredicted, names: tuple[str, ...], height: int) -> tuple[list[Row], int]:
        """A row for each feature that has room, with its name and value, and how many columns they take."""
        names = names or tuple(f"feature {number + 1}" for number in range(len(digit.features)))
        room = height if len(digit.features) <= height else max(0, height - 1)
        values = [short_number(value, keep_zeros=True) for value in digit.features[:room]]
        label = min(LONGEST_NAME, max(map(len, names[:room]), default=0))
        number = max(map(len, values), default=0)
        rows: list[Row] = [
            (Span(shorten(name, label, self.glyphs) + "  ", "muted"), Span(f"{value:>{number}}", "value"))
            for name, value in zip(names, values, strict=False)
        ]
        if len(digit.features) > room:
            rows.append((Span(f"{len(digit.features) - room} more", "muted"),))
        return rows, label + 2 + number

    def _bars(self, digit: DigitPredicted, names: tuple[str, ...], best: int, width: int) -> list[Row]:
        label = max(map(len, names))
        room = max(0, width - label - 1 - NUMBER)
        rows: list[Row] = []
        for index, (name, probability) in enumerate(zip(names, digit.probabilities, strict=True)):
            role = "good" if index == digit.label else "bad" if index == best else "bar"
            number = f"{probability * 100:5.1f}"
            emphasis = role if index in (digit.label, best) else "muted"
            rows.append(
                (
                    Span(f"{name:>{label}} ", emphasis),
                    Span(meter(probability, room, self.glyphs), role),
                    Span(f"{number:>{NUMBER}}", "muted"),
                )
            )
        return rows
