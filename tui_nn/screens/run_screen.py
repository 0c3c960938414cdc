"""What screens of a run have in common: panels laid out by the size of the terminal, one of them perhaps maximized."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.errors import NoWidget
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from engine.health.verdict import Verdict
from engine.hyperparameters import Hyperparameter
from tui_nn.actions.action import actions
from tui_nn.arrangement import Arrangement
from tui_nn.link.pace import Figures
from tui_nn.painting import is_bare, paint
from tui_nn.panels.figures import FiguresPanel
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.keys import KeyHint, KeysPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.status import StatusPanel
from tui_nn.panels.verdicts import VerdictsPanel
from tui_nn.placing import Layout
from tui_nn.run_state import RunState
from tui_nn.screens.layouts import PLOTS, SMALLEST
from tui_nn.screens.panel_area import PanelArea
from tui_nn.terminal.drag import MouseMove
from tui_nn.verdict_choice import Chosen, following, in_order

if TYPE_CHECKING:
    from tui_nn.app import TuiNN

ALWAYS = 9
"""Weight of a hint that is never left out."""

NOTICE_S = 3
"""Seconds for which a notice stays."""

AROUND = 3
"""Rows above and below the area of panels."""


class RunScreen(Screen[None], inherit_bindings=False):
    """A status line, an area of panels, and the keys. A screen names its `LAYOUTS`, and makes its panels.

    Of Textual's own bindings it takes none: tab is for panels here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back", show=False)]

    NAME: ClassVar[str] = ""
    """What the table of actions calls it."""

    LAYOUTS: ClassVar[tuple[Layout, ...]] = ()
    MAIN: ClassVar[str] = ""
    """The panel that is maximized where none was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.run_state = RunState()
        self.pointer = 0
        """The place of the hyperparameter that keys change; each screen takes it over from the one before."""
        self.verdict_choice: Chosen = None
        """Rule and layer of the verdict that keys are meant for; taken over as well."""
        self.carried: Figures | None = None
        """Bytes and frames of the link to the terminal; None where nobody counts them."""
        own = self.make_panels()
        self.arrangement = Arrangement(self.LAYOUTS, [panel.id for panel in own if panel.id], self.MAIN, PLOTS)
        self._area = PanelArea(*own, plan=self.plan, id="panels")
        self._status, self._keys = StatusPanel(id="status"), KeysPanel(id="keys")
        self._hinted: set[str] = set()
        self._silence: Timer | None = None
        self._frame = 0
        self._repainted = False
        """Whether Textual is about to paint all of it: what is painted before is painted twice."""
        self.panels: tuple[Panel, ...] = (self._status, *own, self._keys)

    def make_panels(self) -> Sequence[Panel]:
        """The panels of the area, in any order."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield self._status
        yield self._area
        yield self._keys
        yield Static(id="too-small")

    def on_mount(self) -> None:
        self.watch(self.app, "appearance", self._hint, init=False)

    def on_resize(self, event: Resize) -> None:
        width, height = event.size
        tiny = width < SMALLEST[0] or height < SMALLEST[1]
        self.set_class(tiny, "-tiny")
        sizes = f"tui-nn needs {SMALLEST[0]}x{SMALLEST[1]}, here {width}x{height}. The run goes on."
        self.query_one("#too-small", Static).update(sizes)
        self._arrange()

    def plan(self, room: Size) -> dict[str, Region]:
        """Where the panels of the area go."""
        # The screen's own size is told later than the area's.
        self.arrangement.size = Size(room.width, room.height + AROUND)
        return self.arrangement.places(room.region)

    def turn_page(self) -> None:
        """Show the panels that a small terminal has no room for, or go back."""
        if len(self.arrangement.pages) == 1 and not self.arrangement.maximized:
            self.say("all panels are in view")
        else:
            self.arrangement.turn_page()
            self._arrange()

    def choose_panel(self, direction: int) -> None:
        """Choose the next panel (+1) or the one before (-1)."""
        self.arrangement.choose(direction)
        self._arrange()

    def maximize_panel(self, name: str = "") -> None:
        """Give the panel, or the chosen one, the whole area; or go back."""
        self.arrangement.maximize(name)
        self._arrange()

    def next_plot(self) -> None:
        """Another plot beside the loss."""
        if not self.arrangement.offers_plots:
            self.say("all plots are in view")
            return
        self.arrangement.next_plot()
        self._arrange()
        self.say(f"second plot: {self.arrangement.second.replace('-', ' ')}")

    def action_back(self) -> None:
        """From a maximized panel to all, from a chosen one to none; else the key is for others."""
        if not self.arrangement.back():
            raise SkipAction
        self._arrange()

    def _forward_event(self, event: events.Event) -> None:
        """From a press to its release all of the mouse is the panel's that follows it.

        Moves may be here before the panel has heard of the press, as after a link has stalled, and lead elsewhere.
        """
        if isinstance(event, events.MouseDown) and self.app.mouse_captured is None:
            with suppress(NoWidget):
                widget, region = self.get_widget_at(event.x, event.y)
                if isinstance(widget, Panel) and widget.follows(event.x - region.x, event.y - region.y, event.button):
                    self.app.capture_mouse(widget)
        super()._forward_event(event)
        if isinstance(event, events.MouseUp):
            self.app.capture_mouse(None)

    def on_screen_suspend(self) -> None:
        """Another screen gets the release, and Textual lets go of the mouse only where that one is a new one."""
        self.app.capture_mouse(None)

    @staticmethod
    def _translate_mouse_move_event(event: events.MouseMove, widget: Widget, region: Region) -> events.MouseMove:
        """Textual makes another event of it, which would forget what it passed."""
        move = Screen._translate_mouse_move_event(event, widget, region)
        return MouseMove.after(event.passed, move) if isinstance(event, MouseMove) else move

    def on_click(self, event: Click) -> None:
        """A click chooses a panel, a double click maximizes it."""
        clicked = event.widget
        if not isinstance(clicked, Panel) or not clicked.framed or clicked.id is None:
            return
        if event.chain == 2:
            self.maximize_panel(clicked.id)
        elif event.chain == 1 and self.arrangement.chosen != clicked.id:
            self.arrangement.chosen = clicked.id
            self._arrange()

    def _arrange(self) -> None:
        """Lay everything out anew, and tell which keys there are."""
        for panel in self.panels:
            if panel.marked != (panel.id == self.arrangement.chosen):
                panel.mark(not panel.marked)
        self._area.arrange_anew()
        self._hint()
        # Whatever was painted between this wish and the new layout, on the places of the old one, goes.
        self.call_after_refresh(self.refresh)

    def _hint(self) -> None:
        """Bring the last line up to date."""
        arrangement, self._hinted = self.arrangement, self._no_data_for
        pages = len(arrangement.pages)
        hints = []
        # What a key does on this screen alone goes before what it does on all.
        own = self._status.taken = {
            self.key(item.id) for item in actions().values() if item.screen and item.on(self.NAME)
        }
        for item in actions().values():
            label, weight = item.label, item.footer
            if item.id == "view.page":
                label, weight = f"Page {arrangement.page_shown + 1}/{pages}", weight if pages > 1 else 0
            elif item.id == "view.zoom" and arrangement.maximized:
                label, weight = "Back", ALWAYS
            elif item.id in self._hinted:
                weight = 0
            elif item.id == f"{self.NAME}.open":
                label, weight = "Back", ALWAYS
            hidden = not item.screen and self.key(item.id) in own
            if weight and item.on(self.NAME) and not hidden and self.key(item.id) != "-":
                hints.append(KeyHint(self.key(item.id), label, f"app.perform('{item.id}')", weight))
        self._keys.hints = tuple(hints)
        self._keys.show(self.run_state)

    @property
    def _no_data_for(self) -> set[str]:
        """The actions that would open screens for which this run has no data."""
        about, others = self.run_state.started, cast("TuiNN", self.app).others
        return {f"{screen.NAME}.open" for screen in others if about is None or screen.lacks(about)}

    def show(self, run: RunState, *, whole: bool = True) -> None:
        """Bring every visible panel up to date, or those whose turn it is, unless a page lies over them."""
        self.run_state = run
        if not self.is_mounted:
            return
        self._status.carried = self.carried
        enough = {panel.id: rows for panel in self.panels if panel.id and (rows := panel.enough(run)) is not None}
        if enough != self.arrangement.enough:
            self.arrangement.enough = enough
            self._arrange()
        elif self._no_data_for != self._hinted:
            self._hint()
        whole = whole or run.phase != "running"
        # Those that move seldom take turns: a frame is to be short.
        due = [panel for place, panel in enumerate(self.panels) if whole or (self._frame + place) % panel.every == 0]
        self._frame += 1
        self._bring_up_to_date(due, answers=False)

    def answer(self, run: RunState) -> None:
        """Bring those panels up to date that answer keys; a plot can wait for its frame, a person not."""
        self.run_state = run
        if not self.is_mounted:
            return
        self._bring_up_to_date([panel for panel in self.panels if panel.answers])

    @property
    def chosen(self) -> Hyperparameter | None:
        """The hyperparameter that keys change; None on a screen without."""
        panel = next((panel for panel in self.panels if isinstance(panel, HyperparametersPanel)), None)
        return panel.selected(self.run_state) if panel is not None else None

    def choose(self, direction: int) -> None:
        """Point at the next hyperparameter, down (+1) or up (-1); where the panel is not in view, say which it is."""
        self._point(self.pointer + direction)
        if self.chosen is not None and not any(item.is_on_screen for item in self._pointing()):
            self.say(f"{self.chosen.name.replace('_', ' ')} {self.chosen.value:g}")

    def _pointing(self) -> list[HyperparametersPanel | FiguresPanel]:
        """The panels that show which hyperparameter keys change."""
        return [item for item in self.panels if isinstance(item, HyperparametersPanel | FiguresPanel)]

    def _point(self, place: int) -> None:
        self.pointer = place
        for item in self._pointing():
            item.chosen = place
            item.show(self.run_state)

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that keys are meant for."""
        return next(iter(in_order(self.run_state.verdicts, self.verdict_choice)), None)

    def choose_verdict(self) -> None:
        """Point at the next verdict; where the panel is not in view, the status line has it."""
        verdict = following(self.run_state.verdicts, self.verdict_choice)
        if verdict is None:
            self.say("healthy: there is no verdict to choose")
            return
        self._point_at_verdict((verdict.rule, verdict.layer))

    def _point_at_verdict(self, chosen: Chosen) -> None:
        self.verdict_choice = chosen
        for item in self.panels:
            if isinstance(item, VerdictsPanel | StatusPanel):
                item.chosen = chosen
                item.show(self.run_state)

    def toggle_axes(self) -> None:
        """The other kind of axes."""
        raise NotImplementedError

    def next_layer(self) -> None:
        """On to the next layer, where not all are in view."""
        raise NotImplementedError

    def turn_units(self, direction: int) -> None:
        """On to the next page of what a layer has many of (+1), or back (-1)."""

    def ask(self) -> None:
        """Ask the engine for what visible panels want and have not got."""

    def _bring_up_to_date(self, panels: Sequence[Panel], *, answers: bool = True) -> None:
        if not self.uncovered:
            return
        changed = [(panel, panel.update(self.run_state)) for panel in panels]
        if self._repainted:
            return
        if is_bare(self):
            paint(self.app, (patch for _, patches in changed for patch in patches), answers=answers)
        else:
            for panel, patches in changed:
                panel.repaint(patches)

    def key(self, action: str) -> str:
        """The key for an action, as hints name it; "-" for one that has none."""
        return cast("TuiNN", self.app).appearance.key(action)

    def tell_printed(self, lines: int) -> bool:
        """Have the status line say how many lines of the log nobody has seen; whether that is new."""
        before, self._status.printed = self._status.printed, lines
        return before != lines

    def say(self, text: str) -> None:
        """A line for some seconds, in place of the one before; of Textual's own notices each has all laid out anew."""
        self._status.notice = text
        if self._status.is_attached:  # else it is said with the first frame
            self._status.show(self.run_state)
        if self._silence is not None:
            self._silence.stop()
        self._silence = self.set_timer(NOTICE_S, partial(self.say, "")) if text else None

    def on_screen_resume(self) -> None:
        self._repainted = True
        self._point(self.pointer)
        self._point_at_verdict(self.verdict_choice)
        self.show(self.run_state)
        # A layout in the same tick makes Textual forget the repaint of what the page before it had covered.
        self.call_after_refresh(self._repaint)

    def _repaint(self) -> None:
        """All of it, with what was left to that."""
        self._repainted = False
        self.refresh()

    def sees(self, panel: type[Panel]) -> bool:
        """Whether that panel is on the screen now."""
        return self.uncovered and any(item.is_on_screen for item in self.query(panel))

    @property
    def uncovered(self) -> bool:
        """Whether nothing lies over it. Textual's `is_current` is True under a page as well."""
        return self.app.screen_stack[-1:] == [self]
