"""What screens of a run have in common: all panels on a large terminal, two pages on a small one, else a sentence."""

from collections.abc import Sequence
from dataclasses import replace

from textual.binding import ActiveBinding
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from engine.hyperparameters import Hyperparameter
from tui_nn.painting import is_bare, paint
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.status import StatusPanel
from tui_nn.run_state import RunState

LARGE = (100, 36)
SMALL = (60, 20)


class RunScreen(Screen[None]):
    """Panels that show a run; it has a Static of id too-small, and a HyperparametersPanel."""

    def __init__(self) -> None:
        super().__init__()
        self.run_state = RunState()
        self.pointer = 0
        """The place of the hyperparameter that keys change; each screen takes it over from the one before."""
        self._plane = False
        self.panels: tuple[Panel, ...] = ()

    def on_mount(self) -> None:
        self.panels = tuple(self.query(Panel))

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
        if self._plane != (run.started is not None and run.started.plane):
            self._plane = not self._plane
            self.refresh_bindings()
        self._bring_up_to_date(self.panels)

    def answer(self, run: RunState) -> None:
        """Bring those panels up to date that answer keys; a plot can wait for its frame, a person not."""
        self.run_state = run
        self._bring_up_to_date([panel for panel in self.panels if panel.answers])

    @property
    def chosen(self) -> Hyperparameter | None:
        """The hyperparameter that keys change."""
        return self.query_one(HyperparametersPanel).selected(self.run_state)

    def choose(self, direction: int) -> None:
        """Point at the next hyperparameter, down (+1) or up (-1); where the panel is not in view, say which it is."""
        panel = self.query_one(HyperparametersPanel)
        panel.chosen = self.pointer = self.pointer + direction
        panel.show(self.run_state)
        if self.chosen is not None and not panel.is_on_screen:
            self.say(f"{self.chosen.name.replace('_', ' ')} {self.chosen.value:g}")

    def turn_page(self) -> None:
        """Show the panels that a small terminal has no room for, or go back."""
        if self.has_class("-small"):
            self.toggle_class("-second-page")
        else:
            self.say("all panels are in view")

    def toggle_axes(self) -> None:
        """The other kind of axes."""
        raise NotImplementedError

    def next_layer(self) -> None:
        """On to the next layer, where not all are in view."""
        raise NotImplementedError

    def _bring_up_to_date(self, panels: Sequence[Panel]) -> None:
        if not self.uncovered:
            return
        changed = [(panel, panel.update(self.run_state)) for panel in panels]
        if is_bare(self):
            paint(self.app, (patch for _, patches in changed for patch in patches))
        else:
            for panel, patches in changed:
                panel.repaint(patches)

    def tell_printed(self, lines: int) -> bool:
        """Have the status line say how many lines of the log nobody has seen; whether that is new."""
        panel = self.query_one(StatusPanel)
        before, panel.printed = panel.printed, lines
        return before != lines

    def say(self, text: str) -> None:
        """A line for two seconds, in place of the one before."""
        self.app.clear_notifications()
        self.notify(text, timeout=2, markup=False)

    def on_screen_resume(self) -> None:
        self.query_one(HyperparametersPanel).chosen = self.pointer
        self.show(self.run_state)
        # A layout in the same tick makes Textual forget the repaint of what the page before it had covered.
        self.call_after_refresh(self.refresh)

    def sees(self, panel: type[Panel]) -> bool:
        """Whether that panel is on the screen now."""
        return self.uncovered and any(item.is_on_screen for item in self.query(panel))

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """As Textual's, but the footer does not offer a plane where there is none."""
        found = super().active_bindings
        if not self._plane:
            for key, active in found.items():
                if active.binding.action == "perform('boundary.open')":
                    found[key] = active._replace(binding=replace(active.binding, show=False))
        return found

    @property
    def uncovered(self) -> bool:
        """Whether nothing lies over it. Textual's `is_current` is True under a page as well."""
        return self.app.screen_stack[-1:] == [self]
