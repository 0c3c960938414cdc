"""What the gradient panel shows with room for it: norms, update ratios beside them, and the whole run as a picture."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tui_nn.appearance import Appearance
from tui_nn.layer_history import LayerHistory
from tui_nn.panels.update_ratio import USUAL
from tui_nn.plots import (
    Bar,
    Limits,
    Row,
    Span,
    bar_chart,
    bar_limits,
    dot_chart,
    fit,
    heat_key,
    layer_map,
    linear_limits,
)
from tui_nn.plots.layer_map import COLD_TO_HOT, decades

BAND = USUAL / 10, USUAL * 10
"""Update ratios outside of which a step is amber."""

BESIDE = 76
"""Columns from which on norms and ratios have room beside one another."""

LEAST_WIDTH, LEAST_HEIGHT = 50, 14

GAP = 3

THICKEST = 5
"""Rows that a layer of the picture has at most."""

SHORTEST = 10.0
"""Steps that the picture has room for at least."""


class Room(NamedTuple):
    """How many layers have room in each part, and whether norms and ratios stand side by side."""

    layers: int
    beside: bool


def room_for(layers: int, width: int, height: int) -> Room | None:
    """How the parts share the room; None where bars alone show more.

    Each part has a line that says what it is, and one with an axis. Below one another they must hold all layers.
    """
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return None
    beside = width >= BESIDE
    parts = 2 if beside else 3
    fitting = (height - 2 * parts) // parts
    return Room(min(layers, fitting), beside) if beside or fitting >= layers else None


def gradient_detail(
    norms: Sequence[Bar],
    ratios: Sequence[Bar],
    history: LayerHistory,
    steps: Limits,
    first: int,
    width: int,
    height: int,
    appearance: Appearance,
) -> list[Row]:
    """Layers from the `first` on, to the same scale as all; `steps` are the first and the last of the run."""
    room = room_for(len(norms), width, height)
    assert room is not None
    shown = slice(first, first + room.layers)
    each = room.layers + 1
    glyphs = appearance.glyphs
    across = (width - GAP) // 2 if room.beside else width
    left = [
        _heading("gradient norm", f"{'=|' if glyphs == 'ascii' else '▒┤'} its range", " over the last seconds", across),
        *bar_chart(norms[shown], across, each, x_range=bar_limits(norms), glyphs=glyphs),
    ]
    right = [
        _heading("update ratio", "1e-3 is usual", ", 1e-4 to 1e-2 the band", across),
        *dot_chart(ratios[shown], across, each, band=BAND, target=USUAL, glyphs=glyphs),
    ]
    if not ratios:
        right[1:] = [(Span("no update to compare with the weights", "muted"),), *[()] * room.layers]
    if room.beside:
        upper = [
            (*fit(one, across), Span(" " * GAP), *fit(other, across)) for one, other in zip(left, right, strict=True)
        ]
    else:
        upper = left + right
    return [*upper, *_picture(norms, shown, history, steps, width, height - len(upper), appearance)]


def _picture(
    bars: Sequence[Bar],
    shown: slice,
    history: LayerHistory,
    steps: Limits,
    width: int,
    height: int,
    appearance: Appearance,
) -> list[Row]:
    """The heading with the scale of the colours, and the map of the layers."""
    values = history.values
    limits = decades(values)
    labels = [bar.label for bar in bars[shown]]
    key = heat_key(limits, width // 2, glyphs=appearance.glyphs, shaded=appearance.shaded, roles=COLD_TO_HOT)
    heading = (Span("largest norm of all steps  ", "title"), *key)
    picture = layer_map(
        history.steps,
        values[:, shown],
        labels,
        width,
        min(height - 1, THICKEST * len(labels) + 1),
        x_range=linear_limits(steps[0], max(steps[1], steps[0] + SHORTEST)),
        limits=limits,
        label_width=min(max(map(len, labels), default=0), max(width // 4, 1)),
        glyphs=appearance.glyphs,
        shaded=appearance.shaded,
    )
    return [heading, *picture]


def _heading(name: str, about: str, more: str, width: int) -> Row:
    """What a part is, in as many words as have room."""
    whole = len(name) + 2 + len(about) + len(more) <= width
    return Span(name, "title"), Span(f"  {about}{more if whole else ''}", "muted")


def ratio_bars(labels: Sequence[str], reports: np.ndarray, recent: int) -> list[Bar]:
    """A bar for each layer's update ratio; reports: (reports, layers, 3), mean, least and greatest of each."""
    means = reports[-recent:, :, 0].mean(axis=0)
    lows, highs = reports[..., 1].min(axis=0), reports[..., 2].max(axis=0)
    bars = []
    for label, mean, low, high in zip(labels, means.tolist(), lows.tolist(), highs.tolist(), strict=True):
        outside = not BAND[0] <= mean <= BAND[1]
        sign = "<" if mean < BAND[0] else ">" if outside else ""
        bars.append(Bar(label, mean, low, high, sign, "warn" if outside else "bar"))
    return bars
