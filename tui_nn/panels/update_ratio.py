"""How large the updates are beside the weights, over the run."""

from collections.abc import Sequence

import numpy as np

from tui_nn.panels.curve_panel import CurvePanel, Line
from tui_nn.plots import Curve, Limits, Row, Scale, Span
from tui_nn.run_state import RunState

USUAL = 1e-3
"""cs231n (Neural Networks part 3, "Ratio of weights:updates"): "somewhere around 1e-3"."""


class UpdateRatioPanel(CurvePanel):
    """Norm of the applied step / norm of the weights: that of the median layer, those of all layers behind it."""

    title = "Update ratio"
    every = 4
    about = "median layer"

    scale: Scale = "log"

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if len(run.train_loss) and not len(run.update_ratio):
            self.subtitle, self.area = "", None
            return [(Span("no update to compare with the weights", "muted"),)]
        return super().draw(run, width, height)

    def lines(self, run: RunState) -> Sequence[Line]:
        before = run.before
        return (Line(run.update_ratio, "bar", "ratio", before and before.update_ratio, ranged=True),)

    def guides(self, shown: Limits) -> list[Curve]:
        return [Curve(np.array(shown), np.full(2, USUAL), "muted", "usual", layer="before")]
