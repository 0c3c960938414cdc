"""Gradient norms by layer: where learning fades, and where it runs away."""

from collections.abc import Sequence

import numpy as np

from engine.health.exploding import exploding
from engine.health.vanishing import vanishing
from engine.training.events import LayerInfo
from tui_nn.panels.curve_panel import steps_of
from tui_nn.panels.gradient_detail import gradient_detail, ratio_bars, room_for
from tui_nn.panels.panel import Panel
from tui_nn.plots import Bar, Row, Span, bar_chart, bar_limits, short_number, whole_words
from tui_nn.run_state import RunState

RECENT = 10
"""Reports behind the bar itself; the whisker spans all that are kept."""

ROLES = {"amber": "warn", "red": "bad"}

SCALING = ("BatchNorm1d", "BatchNorm2d")
"""Layers whose parameters are no weights."""


class GradientNormsPanel(Panel):
    """A bar for each layer that learns, first to last, on a log scale; V: it vanishes, X: it explodes.

    With much room also each layer's update ratio, and the norms of the whole run as a picture.
    """

    title = "Gradient norm by layer"

    first = 0
    """The first layer in view; 0: the first and the last ones, where not all have room."""

    def enough(self, run: RunState) -> int | None:
        if run.started is None:
            return None
        # A bar every other row, the axis, the frame.
        return 2 * len(run.started.layers) + 3

    def scroll(self, run: RunState) -> bool:
        layers = len(run.gradient_norms[-1]) if run.gradient_norms else 0
        width, height = self.room
        detailed = room_for(layers, width, height)
        if detailed is not None:
            if layers <= detailed.layers:
                return False
            self.first = self.first + detailed.layers if self.first + detailed.layers < layers else 0
            return True
        if layers <= height:
            return False
        # What is in view without scrolling: all but those between the first half and the last.
        skipped = height // 2 if not self.first else self.first + height - 1
        self.first = skipped if skipped < layers - (height - 1) // 2 else 0
        return True

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        self.subtitle = ""
        if run.started is None:
            return []
        if not run.gradient_norms:
            # An undo takes the bars with it, and a run that is paused has none until it goes on.
            return [(Span(whole_words("after the next step", width), "muted"),)] if run.step else []
        if not run.gradient_norms[-1]:
            return [(Span(f"{run.started.config.strategy} takes no gradient", "muted"),)]
        layers = run.started.layers
        reports = np.array([[(norm.mean, norm.low, norm.high) for norm in report] for report in run.gradient_norms])
        means = reports[..., 0]
        lows, highs = reports[..., 1].min(axis=0), reports[..., 2].max(axis=0)
        recent, medians = means[-RECENT:].mean(axis=0), np.median(means, axis=0)
        faded = vanishing(medians.tolist(), [layer.parameters for layer in layers])
        grown = exploding(recent.tolist(), medians.tolist())
        if run.phase == "paused" and run.trouble:  # the step that was not finite is in no report
            grown = ["red"] * len(layers)
        bars = []
        for index, layer in enumerate(layers):
            flag, role = _flag(faded[index], grown[index])
            bars.append(Bar(layer.label, float(recent[index]), float(lows[index]), float(highs[index]), flag, role))
        self.subtitle = _subtitle(recent, layers)
        if room_for(len(bars), width, height) is not None:
            return self._detail(run, bars, width, height)
        if len(bars) > height > 1:
            return self._part(bars, width, height)
        spread = height >= 2 * len(bars) + 1
        rows = bar_chart(bars, width, len(bars) + 1 if spread else height, glyphs=self.glyphs)
        return [line for row in rows for line in (row, ())] if spread else rows

    def _detail(self, run: RunState, bars: list[Bar], width: int, height: int) -> list[Row]:
        """All there is to say about them, for as many layers as have room."""
        room = room_for(len(bars), width, height)
        assert room is not None
        self.first = self.first if self.first < len(bars) and room.layers < len(bars) else 0
        if room.layers < len(bars):
            last = min(self.first + room.layers, len(bars))
            self.subtitle = (
                f"{self.first + 1} to {last} of {len(bars)}, {self.key('view.layer')}: next   {self.subtitle}"
            )
        ratios = [[(item.mean, item.low, item.high) for item in report] for report in run.update_ratios]
        beside = ratio_bars([bar.label for bar in bars], np.array(ratios), RECENT) if ratios else []
        appearance = self.appearance
        return gradient_detail(bars, beside, run.layer_norms, steps_of(run), self.first, width, height, appearance)

    def _part(self, bars: list[Bar], width: int, height: int) -> list[Row]:
        """Those that have room, to the same scale as all."""
        key = self.key("view.layer")
        if not 0 < self.first < len(bars):
            self.first = 0
            self.subtitle = f"{len(bars) - height + 1} more: {key}   {self.subtitle}"
            return bar_chart(bars, width, height, glyphs=self.glyphs)
        shown = bars[self.first : self.first + height - 1]
        last = self.first + len(shown)
        self.subtitle = f"{self.first + 1} to {last} of {len(bars)}, {key}: next   {self.subtitle}"
        return bar_chart(shown, width, height, x_range=bar_limits(bars), glyphs=self.glyphs)


def _flag(faded: str, grown: str) -> tuple[str, str]:
    """Letter and role of a bar; ten times next to nothing is next to nothing, so that it vanishes goes before."""
    if grown == "red" or (grown and not faded):
        return "X", ROLES[grown]
    return ("V", ROLES[faded]) if faded else ("", "bar")


def _subtitle(norms: np.ndarray, layers: Sequence[LayerInfo]) -> str:
    """How much fades on the way back: the first norm over the last one; and between the hidden layers with weights,
    the first and the last of them, of a single weight (root mean square), as their sizes differ.
    """
    if len(norms) < 2 or not norms[-1] > 0:
        return ""
    ratio = f"first / last = {short_number(norms[0] / norms[-1], 2)}"
    sizes = [
        norm / layer.parameters**0.5
        for norm, layer in zip(norms[:-1], layers, strict=False)
        if not layer.text.startswith(SCALING)
    ]
    if len(sizes) < 2 or not sizes[0] > 0:
        return ratio
    return f"{ratio}   hidden weights: 1 / {short_number(sizes[-1] / sizes[0], 3)}"
