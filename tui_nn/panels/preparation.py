"""How a drawing or a picture is brought to MNIST's form, step by step."""

import numpy as np

from engine.digits.preparation import Step
from engine.training.events import DrawnDigit
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, gallery
from tui_nn.run_state import RunState

ONE_ALONE = ("box", "centred")
"""Steps that a digit is brought through by itself; those of a number are cut before."""


class PreparationPanel(Panel):
    """The picture after each step, the first one as it came; at last what the network is given."""

    title = "Preparation"

    answers = True
    steps: tuple[Step, ...] = ()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: tuple[tuple[Step, ...], tuple[DrawnDigit, ...]] = ((), ())

    def source(self, run: RunState) -> object:
        steps, digits = self._drawn
        if steps is not self.steps or digits != self._cut(run):
            self._drawn = self.steps, self._cut(run)
        return self._drawn

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if not self.steps:
            return [(Span("what is drawn is shown here step by step", "muted"),)]
        digits = self._cut(run)
        pictures = [
            (f"{step.name}, {step.picture.shape[1]}x{step.picture.shape[0]}", step.picture.astype(float))
            for step in self.steps
            if not (digits and step.name in ONE_ALONE)
        ]
        pictures += [
            (f"cut, centred: {digit.answer}", np.frombuffer(digit.pixels, np.uint8).reshape(28, 28) / 255)
            for digit in digits
        ]
        numbered = [(f"{place} {name}", picture) for place, (name, picture) in enumerate(pictures, 1)]
        return gallery(numbered, width, height, glyphs=self.glyphs, shaded=self.appearance.shaded)

    def _cut(self, run: RunState) -> tuple[DrawnDigit, ...]:
        """The digits of a number; none of one that stands alone."""
        digits = run.drawing.digits if run.drawing is not None else ()
        return digits if len(digits) > 1 else ()
