"""Samples to be looked at one by one, as small pictures or rows of features: mistakes, and labels in doubt."""

from math import floor
from textwrap import wrap
from typing import Literal

import numpy as np

from engine.confusion import agreement
from engine.mistakes import TRUSTED
from engine.training.commands import PickSamples
from engine.training.events import Mistake, RunStarted, SamplesPicked
from tui_nn.panels.confusion import counts
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, gallery, gallery_room, one_cell
from tui_nn.run_state import RunState

READABLE = 14
"""Pixels along a side of a picture that shows what it is; all pictures have so many at least, where there is room."""


class PickedSamplesPanel(Panel):
    """The worst first, page by page; below each what it is, what it is read as, and how sure the network is of that."""

    first = 0

    @property
    def which(self) -> Literal["mistakes", "cell", "suspects"]:
        """What is shown."""
        raise NotImplementedError

    def heading(self, about: RunStarted) -> str:
        """What they have in common."""
        raise NotImplementedError

    def nothing(self, run: RunState) -> str:
        """What is said where there are none."""
        return "none"

    @property
    def cell(self) -> tuple[int, int]:
        """The cell of the matrix that they are in."""
        return 0, 0

    def wish(self) -> PickSamples | None:
        """What fills the panel as it is now."""
        page = self._page(*self.room)
        return PickSamples(self.which, *self.cell, self.first, page) if page else None

    def turn(self, direction: int) -> bool:
        """On to the next page (+1), or back (-1); False where all are in view."""
        event, page = self.shown(self._run), self._page(*self.room)
        if event is None or not 0 < page < event.total:
            return False
        self.first = (self.first // page + direction) % -(-event.total // page) * page
        return True

    def shown(self, run: RunState) -> SamplesPicked | None:
        """The answer to what was asked for last, as far as it has come."""
        event = run.picked.get(self.which)
        if event is None or (event.which == "cell" and (event.label, event.answer) != self.cell):
            return None
        return event

    def source(self, run: RunState) -> object:
        event = self.shown(run)
        return (event, run.errors, self.cell) if event is not None else None

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event, about = self.shown(run), run.started
        self.title, self.subtitle = type(self).title, ""
        if about is None or event is None:
            return []
        self.title = f"{self.heading(about)}: {event.total:,}"
        if not event.total:
            return [(Span(line, "muted"),) for line in wrap(self.nothing(run), max(width, 1))]
        # Until the answer for another size has come.
        samples = event.samples[: self._page(width, height)]
        if len(samples) < event.total:
            last = event.first + len(samples)
            pages = f"{event.first + 1} to {last} of {event.total:,}"
            self.subtitle = "   ".join(filter(None, (pages, self.appearance.hint("boundary.units", "next"))))
        if not event.height:
            return [self._line(about, *pair) for pair in zip(samples, event.features, strict=False)]
        pixels = np.frombuffer(event.pixels, np.uint8).reshape(-1, event.height, event.width) / 255
        names = [self._caption(about, sample) for sample in samples]
        return gallery(
            list(zip(names, pixels, strict=False)), width, height, glyphs=self.glyphs, shaded=self.appearance.shaded
        )

    def _caption(self, about: RunStarted, sample: Mistake) -> str:
        label, answer = (one_cell(about.class_names[place], self.glyphs) for place in (sample.label, sample.answer))
        said = label if sample.label == sample.answer else f"{label} as {answer}"
        return f"{said} {sample.probability:.0%}"

    def _line(self, about: RunStarted, sample: Mistake, features: tuple[float, ...]) -> Row:
        values = "  ".join(f"{value:.4g}" for value in features)
        return (Span(f"{sample.index + 1:>5}  {self._caption(about, sample)}  ", "value"), Span(values, "muted"))

    def _page(self, width: int, height: int) -> int:
        """Samples that have room at once."""
        shape = self._run.started.input_shape if self._run.started is not None else ()
        return gallery_room(READABLE, width, height) if len(shape) == 3 else max(height, 0)


class MistakesPanel(PickedSamplesPanel):
    """The samples of the chosen cell of the matrix; the worst mistakes of all where none is chosen."""

    title = "Worst mistakes"

    chosen: tuple[int, int] | None = None
    """Label and answer of the cell."""

    @property
    def which(self) -> Literal["mistakes", "cell"]:
        return "mistakes" if self.chosen is None else "cell"

    @property
    def cell(self) -> tuple[int, int]:
        return self.chosen or (0, 0)

    def heading(self, about: RunStarted) -> str:
        if self.chosen is None:
            return type(self).title
        label, answer = (one_cell(about.class_names[place], self.glyphs) for place in self.chosen)
        return f"{label} read as {answer}"


class SuspectsPanel(PickedSamplesPanel):
    """Samples whose label a good network contradicts, more sure than it usually is of that class."""

    title = "Labels in doubt"

    @property
    def which(self) -> Literal["suspects"]:
        return "suspects"

    def heading(self, about: RunStarted) -> str:
        return type(self).title

    def nothing(self, run: RunState) -> str:
        found = agreement(counts(run.errors)) if run.errors is not None else 0.0
        if found >= TRUSTED:
            return "none"
        kappa = floor(100 * found) / 100  # 0.599 is not 0.6
        return f"none yet: the network agrees too little with the labels to doubt one (kappa {kappa:.2f} < {TRUSTED:g})"
