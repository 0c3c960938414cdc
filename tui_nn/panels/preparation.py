"""How a drawing or a picture is brought to MNIST's form, step by step."""

from engine.digits.preparation import Step
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, gallery
from tui_nn.run_state import RunState


class PreparationPanel(Panel):
    """The picture after each step, the first one as it came."""

    title = "Preparation"

    answers = True
    steps: tuple[Step, ...] = ()

    def source(self, run: RunState) -> object:
        return self.steps or None

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if not self.steps:
            return [(Span("what is drawn is shown here step by step", "muted"),)]
        pictures = [
            (f"{place} {step.name}, {step.picture.shape[1]}x{step.picture.shape[0]}", step.picture.astype(float))
            for place, step in enumerate(self.steps, 1)
        ]
        return gallery(pictures, width, height, glyphs=self.glyphs, shaded=self.appearance.shaded)
