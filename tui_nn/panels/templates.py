"""The first layer's weights as pictures: what each of its units looks for."""

from engine.training.events import Pictures
from tui_nn.panels.layer_pictures import PicturesPanel
from tui_nn.plots import Row, Span
from tui_nn.run_state import RunState


class TemplatesPanel(PicturesPanel):
    """One over all pixels for each unit, or the filters of a convolution."""

    title = "First layer's templates"
    answers = False

    def pictures(self, run: RunState) -> Pictures | None:
        return run.explanation.templates if run.explanation is not None else None

    def source(self, run: RunState) -> object:
        return run.explanation

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event, found = run.explanation, self.pictures(run)
        self.subtitle = ""
        if event is None or run.started is None:
            return []
        if found is None or event.kind not in ("pixels", "filters"):
            return [(Span("the first layer's weights are no pictures", "muted"),)]
        self.subtitle = self.page_text(found, self._page(self._tiling(run, width, height)))
        labels = [(str(place + 1), "") for place in range(found.first, found.first + found.shown)]
        return self.tiles(run, [found], labels, width, height)
