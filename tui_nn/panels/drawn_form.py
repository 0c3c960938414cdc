"""What was drawn as the network is given it: MNIST's form."""

import numpy as np

from engine.training.events import DrawnDigit
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, gallery
from tui_nn.run_state import RunState

SIDE = 28


class DrawnFormPanel(Panel):
    """Each digit in a box of 20 pixels, its centre of mass in the middle of 28, in grey levels."""

    title = "As the network sees it"

    answers = True

    def enough(self, run: RunState) -> int:
        several = run.drawing is not None and len(run.drawing.digits) > 1
        return SIDE // 2 + 2 + several

    def source(self, run: RunState) -> object:
        return run.drawing

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        digits = run.drawing.digits if run.drawing is not None else ()
        self.subtitle = "" if digits else "nothing is drawn"
        # Of one digit the bars say it all.
        names = [
            f"{digit.answer}  {max(digit.probabilities) * 100:.1f} %" if len(digits) > 1 else "" for digit in digits
        ]
        pictures = list(zip(names, map(_pixels, digits), strict=True)) or [("", np.zeros((SIDE, SIDE)))]
        return gallery(pictures, width, height, glyphs=self.glyphs, shaded=self.appearance.shaded)


def _pixels(digit: DrawnDigit) -> np.ndarray:
    return np.frombuffer(digit.pixels, np.uint8).reshape(SIDE, SIDE) / 255
