"""The application: it wires a session to screens and decides nothing."""

import asyncio
import io
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from rich.console import Console
from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingsMap
from textual.driver import Driver
from textual.filter import ANSIToTruecolor, LineFilter
from textual.reactive import reactive

from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.config import Config
from tui_nn.actions.action import actions, bindings
from tui_nn.appearance import Appearance
from tui_nn.collector import look_through_at_leisure, spare_what_there_is
from tui_nn.depth import DepthFilter, choose_depth
from tui_nn.exit_status import INTERRUPTED, MISTAKE
from tui_nn.glyphs import AsciiFilter, choose_glyphs
from tui_nn.keymap import make_keymap, written
from tui_nn.link.linked import Linked
from tui_nn.palette import EverythingProvider
from tui_nn.panels.panel import Panel
from tui_nn.panels.prediction import PredictionPanel
from tui_nn.panels.weight_histogram import WeightHistogramPanel
from tui_nn.run_state import RunState
from tui_nn.screens.boundary import BoundaryScreen
from tui_nn.screens.dashboard import DashboardScreen
from tui_nn.screens.draw import DrawScreen
from tui_nn.screens.errors import ErrorsScreen
from tui_nn.screens.help import HelpScreen
from tui_nn.screens.inside import InsideScreen
from tui_nn.screens.layers import LayersScreen
from tui_nn.screens.log import LogScreen
from tui_nn.screens.no_data import NoDataScreen
from tui_nn.screens.run_screen import RunScreen
from tui_nn.screens.side_screen import SideScreen
from tui_nn.session import Session
from tui_nn.settings import Settings
from tui_nn.settings_file import save_setting
from tui_nn.themes import make_theme, theme_names
from tui_nn.themes.sixteen import SIXTEEN

if TYPE_CHECKING:
    from tui_nn.terminal.own_terminal import OwnTerminal

DEFAULT_SETTINGS = Settings()

PROBES: dict[type[Panel], c.AnyCommand] = {PredictionPanel: c.PredictDigit(), WeightHistogramPanel: c.MeasureWeights()}
"""What to ask for while a panel is seen."""


class TuiNN(App[None]):
    """One run on one dashboard. After it, `run_state` has the outcome, and `return_code` the exit status."""

    TITLE = "tui-nn"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {EverythingProvider}
    SCREENS: ClassVar = {"help": HelpScreen}

    appearance: reactive[Appearance] = reactive(Appearance(), repaint=False, init=False)
    """How all that is shown looks; panels watch it."""

    def __init__(
        self,
        session: Session,
        settings: Settings = DEFAULT_SETTINGS,
        driver_class: type[Driver] | None = None,
        terminal: "OwnTerminal | None" = None,
    ) -> None:
        self.terminal = terminal
        super().__init__(driver_class=driver_class)
        # What is printed goes to the log, where the descriptors lead; Textual would drop it.
        self._capture_stdout, self._capture_stderr = sys.stdout, sys.stderr  # type: ignore[assignment]
        self.session = session
        self.settings = settings
        self.keymap, wishes = make_keymap(settings.keys)
        self._bindings.key_to_bindings.update(BindingsMap(bindings(self.keymap)).key_to_bindings)
        self._warnings = (*settings.warnings, *wishes)
        self._filters_in_use: list[LineFilter] = []
        for theme in (SIXTEEN, *map(make_theme, theme_names())):
            self.register_theme(theme)
        glyphs = choose_glyphs() if settings.glyphs == "auto" else settings.glyphs
        self.set_reactive(TuiNN.appearance, Appearance(glyphs, choose_depth(), settings.theme))
        self.no_color = not self.appearance.coloured
        # What is written has been brought down to the depth of the terminal before; Textual must not guess once more.
        self.console = Console(file=io.StringIO(), color_system="truecolor", force_terminal=True, legacy_windows=False)
        self.run_state = RunState(pace=session.pace)
        self.dashboard = DashboardScreen()
        self.boundary = BoundaryScreen(self.send)
        self.drawing = DrawScreen(self.send, session.checkpoint.parent / "drawings")
        self.layers = LayersScreen(self.send)
        self.errors = ErrorsScreen(self.send)
        self.inside = InsideScreen(self.send)
        self._writer = ThreadPoolExecutor(1, "settings")
        self._leaving: int | None = None
        self._unattended = False
        self._stepping_aside = False
        self._wanted: set[SideScreen] = set()
        """Asked for too early."""
        self._stale = self._passed_over = self._held_back = False
        """Whether something has not been drawn yet; whether a frame, or an answer, is left to a stroke's picture."""
        self._probed: dict[type[Panel], tuple[int, int]] = {}

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice, but on a terminal of our own the driver that is fit for any link."""
        chosen = super().get_driver_class()
        if sys.platform != "win32" and self.terminal is not None:
            from textual.drivers.linux_driver import LinuxDriver

            from tui_nn.link.driver import LinkDriver

            return LinkDriver if chosen is LinuxDriver else chosen
        return chosen

    def on_mount(self) -> None:
        if isinstance(self._driver, Linked):
            self._driver.limit(self.settings.link)
        self._wear(self.appearance)
        for screen in self.others:
            self.install_screen(screen, screen.NAME)
        self.push_screen(self.dashboard)
        self.dashboard.call_after_refresh(self._start)
        if sys.platform != "win32":
            # Neither of them costs the last checkpoint.
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, self.leave, INTERRUPTED)
            # Many signals at once, such as a window that is dragged sends, are no reason for a complaint.
            signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
        if self.terminal is not None:
            self.terminal.on_lost = partial(asyncio.get_running_loop().call_soon_threadsafe, self._lose_terminal)
            if self.terminal.lost:
                self._lose_terminal()

    def on_unmount(self) -> None:
        self.session.call_on_answer(lambda: None)
        if self.terminal is not None:
            self.terminal.on_lost = lambda: None
        if not self._unattended:
            # After a defect of the screen as well: the process would wait for the training thread for ever.
            self.session.send(c.Close())

    def send(self, command: c.AnyCommand) -> None:
        """Ask the trainer for something; the screen changes when it confirms."""
        self.session.send(command)

    @property
    def defect(self) -> Exception | None:
        """What ended the screen, if it was a mistake of ours."""
        return self._exception

    @property
    def run_screen(self) -> RunScreen:
        """The screen of the run that is on top, or that a page lies over."""
        return next((screen for screen in self.others if screen in self.screen_stack), self.dashboard)

    @property
    def others(self) -> tuple[SideScreen, ...]:
        """Those that one opens from the dashboard."""
        return self.boundary, self.layers, self.drawing, self.errors, self.inside

    def toggle(self, screen: SideScreen, *first: c.AnyCommand) -> None:
        """From another screen to this one, if the run has anything for it; from this one back to the dashboard.

        first: to be sent before it opens.
        """
        started = self.run_state.started
        if self.screen is screen:
            self._go_back()
        elif started is None:
            if screen.WAITS:
                self._wanted ^= {screen}
            wanted = not screen.WAITS or screen in self._wanted
            self.dashboard.say(screen.TOO_EARLY if wanted else "it stays here")
        elif lack := screen.lacks(started):
            self.run_screen.say(lack)
        else:
            for command in first:
                self.send(command)
            self._open(screen)

    def look_inside(self, index: int) -> None:
        """From another screen to that which looks inside a digit, at this one of the test split."""
        self.toggle(self.inside, c.PredictDigit(index))

    def _open(self, screen: SideScreen) -> None:
        """Put it over the dashboard, in place of another one that lies there."""
        if self.screen is not self.run_screen:
            return
        screen.run_state, screen.pointer = self.run_state, self.run_screen.pointer
        screen.verdict_choice = self.run_screen.verdict_choice
        if self.screen is self.dashboard:
            self.push_screen(screen.NAME)
        else:
            self.switch_screen(screen.NAME)

    def _go_back(self) -> None:
        """From a screen over the dashboard to that."""
        self.dashboard.pointer = self.run_screen.pointer
        self.dashboard.verdict_choice = self.run_screen.verdict_choice
        self.pop_screen()

    def _set_pointer_shape(self, shape: str) -> None:
        """The pointer has one shape here; Textual asks for it anew with every page, which costs a question."""

    def get_line_filters(self) -> list[LineFilter]:
        return self._filters_in_use

    def get_key_display(self, binding: Binding) -> str:
        return written(binding.key, self.appearance.glyphs)

    def watch_appearance(self, before: Appearance, now: Appearance) -> None:
        self._wear(now)

    def choose(self, name: str, value: str, *, kept: str = "") -> None:
        """Another theme, or other glyphs; kept for the next run, perhaps under another name."""
        self.appearance = self.appearance._replace(**{name: value})  # type: ignore[arg-type]
        # Said when it is seen.
        self.call_after_refresh(self._say_chosen, name, value)
        self.run_worker(self._keep(name, kept or value))

    def _say_chosen(self, name: str, value: str) -> None:
        self.run_screen.say(f"{name}: {value}")

    async def _keep(self, name: str, value: str) -> None:
        """Write it down in another thread: a disk may take its time. What was begun is done though the screen goes."""
        try:
            await asyncio.shield(asyncio.wrap_future(self._writer.submit(save_setting, name, value)))
        except UserError as error:
            self.notify(str(error), severity="warning", markup=False)

    def _wear(self, appearance: Appearance) -> None:
        """Take over theme, filters and the names of keys; panels see to themselves."""
        self._filters_in_use = [] if appearance.shallow else [ANSIToTruecolor(self.ansi_theme)]
        self._filters_in_use.append(DepthFilter(appearance.depth))
        if appearance.glyphs == "ascii":
            self._filters_in_use.append(AsciiFilter())
        theme = SIXTEEN.name if appearance.shallow else f"tui-nn-{appearance.theme}"
        repainted, self.theme = theme != self.theme, theme
        keys = {id: written(keys[0], appearance.glyphs) for id, keys in self.keymap.items() if keys}
        if keys != appearance.keys:
            self.appearance = appearance._replace(keys=keys)
        elif self.screen_stack:
            if not repainted:
                self.screen.refresh()
            self.screen.refresh_bindings()

    def show_help(self) -> None:
        """All keys, those of the present screen first."""
        help = cast(HelpScreen, self.get_screen("help"))
        help.tell(self.run_screen.NAME)
        self.push_screen(help)

    def show_log(self) -> None:
        """What others have printed."""
        self.push_screen(LogScreen(self.terminal.log if self.terminal else None, self.run_state))

    def set_up(self) -> None:
        """The form of a new run, filled in as the present one is now."""
        started = self.run_state.started
        if started is None:
            self.dashboard.say("another run can be set up when this one has begun")
        else:
            from tui_nn.screens.set_up import SetUpScreen

            self.push_screen(SetUpScreen(self._present_config(started), started, self.send))

    def check_run(self) -> None:
        """The pre-flight of the run as it is now."""
        started = self.run_state.started
        if started is None:
            self.dashboard.say("there is something to check when the run has begun")
        else:
            from tui_nn.screens.preflight import PreflightScreen

            self.push_screen(PreflightScreen(self._present_config(started)))

    def _present_config(self, started: e.RunStarted) -> Config:
        # Not above: these read the whole engine, which takes longer than drawing a first frame.
        from tui_nn.draft import present_config

        return present_config(started, {name: item.value for name, item in self.run_state.hyperparameters.items()})

    def save_picture(self) -> None:
        """Write an SVG of the screen as it is."""
        name = f"tui-nn-{datetime.now():%Y%m%d-%H%M%S}.svg"
        try:
            self.save_screenshot(name)
        except OSError as error:
            self.notify(f"{name}: cannot be written: {error.strerror}", severity="error", markup=False)
        else:
            self.run_screen.say(f"saved {name}")

    def leave(self, status: int = 0) -> None:
        """Have the run saved, then go; asked a second time, go at once."""
        if self._leaving is not None or not self.session.running:
            self.exit(return_code=status)
            return
        self._leaving = status
        self.send(c.Close())

    def step_aside(self) -> None:
        """To the shell, until it brings the program back; asked a second time, without waiting for the trainer."""
        if self._driver is None or not self._driver.can_suspend:
            self.dashboard.say("there is no shell to go back to")
        elif self.run_state.phase == "running" and not self._stepping_aside:
            # Paused, it has no clock running that a stopped process would see jump.
            self._stepping_aside = True
            self.send(c.Pause())
        else:
            self._stop_process()

    def _stop_process(self) -> None:
        assert self._driver is not None
        self._driver.suspend()  # type: ignore[attr-defined]
        self._come_back()

    def _come_back(self) -> None:
        if self._stepping_aside:
            self._stepping_aside = False
            self.send(c.Resume())

    def _lose_terminal(self) -> None:
        """Nobody sees or steers any more: the screen goes, the run goes on."""
        self._unattended = True
        self._come_back()
        self.send(c.Detach())
        self.exit()

    async def action_quit(self) -> None:
        """Textual's own key for leaving, ctrl+q, is no way around saving."""
        self.leave()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An action that belongs to one screen is done there alone, and under a page none but the program's own."""
        item = actions().get(str(parameters[0])) if action == "perform" and parameters else None
        if item is None or item.group == "app":
            return True
        return self.screen is self.run_screen and item.on(self.run_screen.NAME)

    def pop_screen(self) -> AwaitComplete:
        """The page on top goes, never the dashboard: a key that was pressed twice before it went would reach that."""
        return AwaitComplete() if self.screen is self.dashboard else super().pop_screen()

    def action_perform(self, id: str) -> None:
        """Do what the table of actions says."""
        actions()[id].run(self)

    def _start(self) -> None:
        self.session.call_on_answer(self._hear_answer)
        self.drawing.before_picture = self._catch_up
        self.session.start(partial(self.call_later, self._end))
        # Frames of what changes by itself; what answers a key is drawn when it comes.
        self.set_interval(self._frame_s, self._tick)
        if self._warnings:
            self.notify("\n".join(self._warnings), title="Settings", severity="warning", timeout=10, markup=False)

    async def on_event(self, event: events.Event) -> None:
        # Not a hand that draws: that goes on for long, and the training would wait for each of its moves.
        draws = isinstance(event, events.MouseDown | events.MouseMove) or self.drawing.canvas.held
        if isinstance(event, events.Key | events.MouseEvent | events.Paste) and not draws:
            self.session.hurry()
        await super().on_event(event)

    def _tick(self) -> None:
        """It is time for a frame; a stroke's picture that is about to come takes it along."""
        if self.drawing.shows_soon:
            self._passed_over = True
            self.drawing.take_along()
        else:
            self._frame()

    def _catch_up(self) -> None:
        """A stroke's picture comes: what would be drawn by itself goes with it, for each time costs training a core."""
        if self._passed_over:
            self._frame()
        else:
            self._take()
        if self._held_back and not self.drawing.canvas.held:
            self._held_back = False
            self.run_screen.answer(self.run_state)

    def _frame(self) -> None:
        """Draw what happened since the last frame, and ask for what the next one will show."""
        self._passed_over = False
        if self.session.rest():
            look_through_at_leisure()
        self._take()
        self._count_printed()
        self._probe()
        if self._stale and self._link_is_free():
            self._stale = False
            self.run_screen.show(self.run_state, whole=False)
        else:
            self.run_screen.ask()

    def _link_is_free(self) -> bool:
        """Whether a frame that is drawn now would be sent before the next one; else it is drawn for nobody."""
        if not isinstance(self._driver, Linked):
            return True
        self.run_screen.carried = self._driver.figures()
        return self._driver.free_in_s() < self._frame_s

    @property
    def _frame_s(self) -> float:
        """From frame to frame: a little less than asked for, for a clock that ticks late loses frames."""
        return 0.94 / self.settings.rate

    def _count_printed(self) -> None:
        """Say how much was printed that nobody has looked at."""
        if self.terminal is not None:
            self.terminal.log.poll()
            self._stale |= self.run_screen.tell_printed(self.terminal.log.unseen)

    def _hear_answer(self) -> None:
        """Called in the training thread. A stroke's picture, or the next frame, takes it along."""
        self._held_back = self.drawing.shows_soon
        if not self._held_back:
            self.call_later(self._answer)

    def _answer(self) -> None:
        """Draw the panels that answer keys; all else waits for its frame."""
        self._take()
        self.run_screen.answer(self.run_state)

    def _take(self) -> None:
        for event in self.session.events():
            self._stale = True
            self.run_state.apply(event)
            if isinstance(event, e.DownloadFailed):
                self.dashboard.answer(self.run_state)  # for the last time before the page lies over it
                self.push_screen(NoDataScreen(event), self._choose)
            if isinstance(event, e.RunStarted):
                spare_what_there_is()
                self._open_wanted()
        self._leave_what_is_empty()
        if self._stepping_aside and self.run_state.phase != "running":
            self._stop_process()

    def _leave_what_is_empty(self) -> None:
        """Away from a screen that has nothing to show of another run, which may have begun while a page lay over it."""
        started, top = self.run_state.started, self.screen_stack[-1:]  # none: a frame may come while the screens go
        if started is not None and any(screen in top and screen.lacks(started) for screen in self.others):
            self._go_back()

    def _open_wanted(self) -> None:
        """To the screens that were asked for too early."""
        for screen in self.others:
            if screen in self._wanted:
                self.toggle(screen)
        self._wanted.clear()

    def _choose(self, command: c.AnyCommand | None) -> None:
        """Pass on what somebody wants to do without the data; nothing for who only closed the page."""
        if command is not None:
            self.send(command)

    def _probe(self) -> None:
        """Look into the network for each panel that somebody sees and that has not seen this step."""
        step = (self.run_state.step, self.run_state.network)
        if self.run_state.started is None:
            return
        for panel, command in PROBES.items():
            if self._probed.get(panel) != step and self.dashboard.sees(panel):
                self._probed[panel] = step
                self.send(command)

    def _end(self) -> None:
        """The training thread has told all."""
        self._take()
        self.run_screen.show(self.run_state)
        failure = self.run_state.failure
        if failure is not None and failure.mistake:
            self.exit(return_code=MISTAKE)
        elif self._leaving is not None:
            self.exit(return_code=self._leaving)
