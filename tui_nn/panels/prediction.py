"""One digit of the test split, and what the network takes it for."""

import numpy as np

from engine.training.events import DigitPredicted
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, bitmap, fit, meter
from tui_nn.run_state import RunState

GAP = 2
NUMBER = 6
SHORTEST_BAR = 3
"""What long names of classes leave of a bar on a narrow screen."""


class PredictionPanel(Panel):
    """The picture at the left, a bar of probability for each class at the right."""

    BORDER_TITLE = "Test digit"
    answers = True

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        digit = run.prediction
        if run.started is None or digit is None:
            return []
        names = run.started.class_names
        best = digit.answer
        right = best == digit.label
        self.border_title = f"Test digit {digit.index + 1} of {run.started.test_count}"
        sign = "" if self.glyphs == "ascii" else " ✓" if right else " ✗"
        role = "good" if right else "bad"
        verdict = [
            (Span("it is   "), Span(names[digit.label], "value")),
            (Span("read as "), Span(names[best] + sign, role)),
        ]
        pixels = np.frombuffer(digit.pixels, np.uint8).reshape(digit.height, digit.width) / 255
        picture = bitmap(pixels, glyphs=self.glyphs)
        side = width - digit.width - GAP
        bars: list[Row] = [*verdict, (), *self._bars(digit, names, best, side)]
        rows = max(len(picture), min(len(bars), height))
        picture += [()] * (rows - len(picture))
        bars += [()] * (rows - len(bars))
        return [
            (*fit(left, digit.width), Span(" " * GAP), *right_side)
            for left, right_side in zip(picture, bars, strict=False)
        ]

    def _bars(self, digit: DigitPredicted, names: tuple[str, ...], best: int, width: int) -> list[Row]:
        label = max(1, min(max(map(len, names)), width - 1 - NUMBER - SHORTEST_BAR))
        room = max(0, width - label - 1 - NUMBER)
        rows: list[Row] = []
        for index, (name, probability) in enumerate(zip(names, digit.probabilities, strict=True)):
            role = "good" if index == digit.label else "bad" if index == best else "bar"
            number = f"{probability * 100:5.1f}"
            emphasis = role if index in (digit.label, best) else "muted"
            rows.append(
                (
                    Span(f"{name[:label]:>{label}} ", emphasis),
                    Span(meter(probability, room, self.glyphs), role),
                    Span(f"{number:>{NUMBER}}", "muted"),
                )
            )
        return rows
