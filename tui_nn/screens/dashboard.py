"""The dashboard: all panels on a large terminal, two pages on a small one, a sentence on a tiny one."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Footer, Static

from engine.hyperparameters import Hyperparameter
from tui_nn.painting import is_bare, paint
from tui_nn.panels.accuracy import AccuracyPanel
from tui_nn.panels.gradient_norms import GradientNormsPanel
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.loss import LossPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.prediction import PredictionPanel
from tui_nn.panels.status import StatusPanel
from tui_nn.panels.weight_histogram import WeightHistogramPanel
from tui_nn.run_state import RunState

LARGE = (100, 36)
SMALL = (60, 20)


class DashboardScreen(Screen[None]):
    """Where a run is watched and steered."""

    def __init__(self) -> None:
        super().__init__()
        self.run_state = RunState()
        self._panels: tuple[Panel, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(id="too-small")
        yield StatusPanel(id="status")
        with Horizontal(id="panels"):
            with Vertical(id="left"):
                yield LossPanel(id="loss")
                yield AccuracyPanel(id="accuracy")
                yield PredictionPanel(id="prediction")
            with Vertical(id="right"):
                yield GradientNormsPanel(id="gradient-norms")
                yield WeightHistogramPanel(id="weights")
                yield HyperparametersPanel(id="hyperparameters")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self._panels = tuple(self.query(Panel))

    def on_resize(self, event: Resize) -> None:
        width, height = event.size
        tiny = width < SMALL[0] or height < SMALL[1]
        self.set_class(tiny, "-tiny")
        self.set_class(width < LARGE[0] or height < LARGE[1], "-small")
        text = f"tui-nn needs {SMALL[0]} columns and {SMALL[1]} rows; here are {width} and {height}. The run goes on."
        self.query_one("#too-small", Static).update(text)

    def show(self, run: RunState) -> None:
        """Bring every visible panel up to date, unless a page lies over them."""
        self.run_state = run
        self._bring_up_to_date(self._panels)

    def answer(self, run: RunState) -> None:
        """Bring those panels up to date that answer keys; a plot can wait for its frame, a person not."""
        self.run_state = run
        self._bring_up_to_date([panel for panel in self._panels if panel.answers])

    @property
    def chosen(self) -> Hyperparameter | None:
        """The hyperparameter that keys change."""
        return self.query_one(HyperparametersPanel).selected(self.run_state)

    def choose(self, direction: int) -> None:
        """Point at the next hyperparameter, down (+1) or up (-1)."""
        panel = self.query_one(HyperparametersPanel)
        panel.chosen += direction
        panel.show(self.run_state)

    def turn_page(self) -> None:
        """Show the panels that a small terminal has no room for, or go back."""
        if self.has_class("-small"):
            self.toggle_class("-second-page")
        else:
            self._say("all panels are in view")

    def toggle_axes(self) -> None:
        """Axes that show late, small differences, or linear ones from the start."""
        loss, accuracy = self.query_one(LossPanel), self.query_one(AccuracyPanel)
        loss.scale = "linear" if loss.scale == "log" else "log"
        accuracy.whole = not accuracy.whole
        loss.show(self.run_state)
        accuracy.show(self.run_state)

    def next_layer(self) -> None:
        """Scroll the histograms."""
        panel = self.query_one(WeightHistogramPanel)
        if not panel.is_on_screen:
            self._say("the weights are on the other page (v)")
        elif panel.scrolls:
            panel.first += 1
            panel.show(self.run_state)
        else:
            self._say("all layers are in view")

    def _bring_up_to_date(self, panels: Sequence[Panel]) -> None:
        if not self._uncovered:
            return
        changed = [(panel, panel.update(self.run_state)) for panel in panels]
        if is_bare(self):
            paint(self.app, (patch for _, patches in changed for patch in patches))
        else:
            for panel, patches in changed:
                panel.repaint(patches)

    def _say(self, text: str) -> None:
        self.app.clear_notifications()
        self.notify(text, timeout=2)

    def on_screen_resume(self) -> None:
        self.show(self.run_state)
        # A layout in the same tick makes Textual forget the repaint of what the page before it had covered.
        self.call_after_refresh(self.refresh)

    def sees(self, panel: type[Panel]) -> bool:
        """Whether that panel is on the screen now."""
        return self._uncovered and any(item.is_on_screen for item in self.query(panel))

    @property
    def _uncovered(self) -> bool:
        """Whether nothing lies over it. Textual's `is_current` is True under a page as well."""
        return self.app.screen_stack[-1:] == [self]
