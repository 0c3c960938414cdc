"""The shown sample as it is moved, turned and made noisy, and what the network takes it for then."""

from engine.training.commands import AS_IT_IS
from engine.training.events import DigitPredicted
from tui_nn.panels.prediction import PredictionPanel
from tui_nn.run_state import RunState


class VariedDigitPanel(PredictionPanel):
    """As the panel of the dashboard, of the picture that the sliders have made."""

    def sample(self, run: RunState) -> DigitPredicted | None:
        return run.varied.prediction if run.varied is not None else None

    def note(self, run: RunState) -> str:
        return ", changed" if run.varied is not None and run.varied.variation != AS_IT_IS else ""
