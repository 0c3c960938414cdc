"""One sample of the test split, and what the network takes it for."""

from math import ceil

import numpy as np

from engine.training.events import DigitPredicted, RunStarted
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, fit, image, meter, one_cell, shrunk
from tui_nn.run_state import RunState

GAP = 2
NUMBER = 6
VERDICT = 3
"""Rows that say what it is and what it is read as."""

SIDE = 28
"""Pixels of a picture that are always shown each: those of a digit."""


class PredictionPanel(Panel):
    """At the left the picture, or a row's features; at the right a bar of probability for each class, or the number."""

    title = "Test sample"
    answers = True

    def sample(self, run: RunState) -> DigitPredicted | None:
        """What is shown."""
        return run.prediction

    def note(self, run: RunState) -> str:
        """What is to be said of it beside its place."""
        return ""

    def enough(self, run: RunState) -> int | None:
        if run.started is None:
            return None
        about = run.started
        side = VERDICT if about.target else VERDICT + len(about.class_names)
        # A picture has two rows of pixels a row; large ones are shrunk.
        left = (
            ceil(min(about.input_shape[-2], 2 * SIDE) / 2) if len(about.input_shape) > 1 else len(about.feature_names)
        )
        return max(side, left) + 2

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        sample, about = self.sample(run), run.started
        if about is None or sample is None:
            return []
        self.title = f"Test {_kind(about, sample)} {sample.index + 1} of {about.test_count}{self.note(run)}"
        if sample.pixels:
            pixels = np.frombuffer(sample.pixels, np.uint8).reshape(sample.height, sample.width) / 255
            pixels = shrunk(pixels, max(width // 2, SIDE), max(2 * height, SIDE))
            left, left_width = image(pixels, glyphs=self.glyphs), pixels.shape[1]
        else:
            left = self._features(about.feature_names, sample.features, width // 2, height)
            left_width = min(max((len(row[0].text) for row in left), default=0), width // 2)
        side = width - left_width - GAP
        right = self._number(sample) if about.target else self._named(sample, about.class_names, side, height)
        rows = max(len(left), min(len(right), height))
        left += [()] * (rows - len(left))
        right += [()] * (rows - len(right))
        return [
            (*fit(left_row, left_width), Span(" " * GAP), *right_row)
            for left_row, right_row in zip(left, right, strict=False)
        ]

    def _named(self, sample: DigitPredicted, names: tuple[str, ...], width: int, height: int) -> list[Row]:
        best = sample.answer
        sign = " right" if best == sample.label else " wrong"
        if self.glyphs != "ascii":
            sign = " ✓" if best == sample.label else " ✗"
        verdict: list[Row] = [
            (Span("it is   "), Span(one_cell(names[sample.label], self.glyphs), "value")),
            (
                Span("read as "),
                Span(one_cell(names[best], self.glyphs) + sign, "good" if best == sample.label else "bad"),
            ),
        ]
        return [*verdict, (), *self._bars(sample, names, width, height - len(verdict) - 1)]

    def _bars(self, sample: DigitPredicted, names: tuple[str, ...], width: int, height: int) -> list[Row]:
        order = list(range(len(names)))
        if len(order) > max(height, 1):
            # Where there is no room for all, those that it is taken for.
            order.sort(key=lambda index: -sample.probabilities[index])
            order = order[: max(height, 1)]
        label = min(max(len(names[index]) for index in order), max(width // 2, 1))
        room = max(0, width - label - 3 - NUMBER)
        right, wrong = ("=", "x") if self.glyphs == "ascii" else ("✓", "✗")
        rows: list[Row] = []
        for index in order:
            probability = sample.probabilities[index]
            role = "good" if index == sample.label else "bad" if index == sample.answer else "bar"
            sign = {"good": right, "bad": wrong}.get(role, " ")
            emphasis = role if index in (sample.label, sample.answer) else "muted"
            rows.append(
                (
                    Span(f"{one_cell(names[index][:label], self.glyphs):>{label}} {sign} ", emphasis),
                    Span(meter(probability, room, self.glyphs), role),
                    Span(f"{f'{probability * 100:5.1f}':>{NUMBER}}", "muted"),
                )
            )
        return rows

    def _number(self, sample: DigitPredicted) -> list[Row]:
        return [
            (Span("it is   "), Span(f"{sample.truth:.5g}", "value")),
            (Span("read as "), Span(f"{sample.estimate:.5g}", "value")),
            (Span("off by  ", "muted"), Span(f"{sample.estimate - sample.truth:+.3g}", "muted")),
        ]

    def _features(self, names: tuple[str, ...], values: tuple[float, ...], width: int, height: int) -> list[Row]:
        """A feature a row, its name cut before its value; the last row says how many have no room."""
        shown = len(values) if len(values) <= height else max(height - 1, 0)
        numbers = [f"{value:.5g}" for value in values[:shown]]
        digits = max(map(len, numbers), default=0)
        label = max(0, min(max(map(len, names[:shown]), default=0), width - digits - 1))
        rows: list[Row] = [
            (Span(f"{one_cell(name[:label], self.glyphs):<{label}} {number:>{digits}}", "muted"),)
            for name, number in zip(names, numbers, strict=False)
        ]
        return rows if shown == len(values) else [*rows, (Span(f"and {len(values) - shown} more", "muted"),)]


def _kind(about: RunStarted, sample: DigitPredicted) -> str:
    if not sample.pixels:
        return "sample"
    return "digit" if all(name.isdecimal() for name in about.class_names) else "picture"
