"""The drawing screen: a digit or a number drawn by hand, and what the network takes it for while it learns."""

import asyncio
import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from time import monotonic
from typing import ClassVar

import numpy as np
from textual.events import Paste

from engine.digits.preparation import INK, Step, prepare
from engine.digits.reading import knows_digits
from engine.errors import UserError
from engine.training.commands import AddSample, AnyCommand
from engine.training.events import DrawnDigit, RunStarted
from tui_nn.drawing_files import SAVED, read_steps, save_drawing
from tui_nn.look import Look
from tui_nn.panels.digit_canvas import SENT, DigitCanvasPanel
from tui_nn.panels.drawing_bars import DrawingBarsPanel
from tui_nn.panels.drawn_form import DrawnFormPanel
from tui_nn.panels.panel import Panel
from tui_nn.panels.preparation import PreparationPanel
from tui_nn.placing import Layout
from tui_nn.run_state import RunState
from tui_nn.screens.label import LabelScreen
from tui_nn.screens.layouts import DRAW, DRAW_WIDE
from tui_nn.screens.pictures import PicturesScreen
from tui_nn.screens.side_screen import SideScreen

AGAIN_S, BETWEEN_S = 0.5, 0.04
"""Between two looks at the same drawing while the network learns, and at one that changes with every move."""

SHOWN_S, ANSWERED_S = 0.06, 0.12
"""Between two pictures of a stroke that goes on, for a mouse tells of more moves than anybody can see; and until all
else that changes meanwhile has a picture of its own, where the mouse stands still: it is shown with the next move's."""

FIRST_S = 0.095
"""From the press of a mouse's button to the first picture of its stroke, if it goes on for so long: a driver that
gathers moves has brought the first ones by then."""

YOUNG_S = 0.4
"""A stroke of a mouse that is younger is not read yet: most are over by then, and read at once."""


class DrawScreen(SideScreen):
    """A canvas, the network's own view of what is on it, and bars that move with each stroke and each step."""

    NAME = "draw"
    LAYOUTS: ClassVar[tuple[Layout, ...]] = DRAW
    MAIN = "canvas"
    TOO_EARLY = "the canvas opens when the run has begun"
    WAITS = True

    def __init__(self, send: Callable[[AnyCommand], None], folder: Path) -> None:
        super().__init__(send)
        self._folder = folder
        """Where drawings are saved."""
        self._look = Look(AGAIN_S, BETWEEN_S)
        self._pressed_at = inf
        """When the mouse's button was pressed that is held; infinite while none is."""
        self._changed = False
        """Whether changes are about to be shown."""
        self._later: asyncio.TimerHandle | None = None
        """That they will be in time."""
        self._shown_at = -inf
        """When they were the last time, or the button was pressed, where that is later."""
        self._others: list[Panel] = []
        """Panels that change as well, and wait for the stroke's next picture."""
        self.before_picture: Callable[[], object] = lambda: None
        """Called before a picture of what is drawn, for what should be in it."""
        self._loaded: tuple[Step, ...] = ()
        self._prepared = (-1, False)
        self._pictures = Path.cwd()
        """The folder whose pictures were looked at last."""

    @staticmethod
    def lacks(started: RunStarted) -> str:
        if knows_digits(started.class_names, started.input_shape):
            return ""
        return f"{started.dataset} is nothing to draw: that takes the digits 0 to 9 in 28x28 pixels"

    def make_panels(self) -> Sequence[Panel]:
        self.canvas, self._preparation = DigitCanvasPanel(id="canvas"), PreparationPanel(id="preparation")
        self.canvas.changed = self._canvas_changed
        self._of_drawing = self.canvas, DrawnFormPanel(id="form"), DrawingBarsPanel(id="bars"), self._preparation
        return self._of_drawing

    def show(self, run: RunState, *, whole: bool = True) -> None:
        self._prepare()
        super().show(run, whole=whole)

    def answer(self, run: RunState) -> None:
        if self._later is not None and not self.canvas.held:
            self.run_state = run
            self._show_changes()
        else:
            super().answer(run)

    @property
    def shows_soon(self) -> bool:
        """Whether a stroke's next picture is about to come: all that it can take along costs little."""
        return self.canvas.held and monotonic() < self._shown_at + ANSWERED_S

    def take_along(self) -> None:
        """See to it that there is such a picture, though the mouse stands still."""
        self._show_by(self._shown_at + ANSWERED_S)

    def on_screen_suspend(self) -> None:
        """Another screen gets the release of the button."""
        self.canvas.let_go()

    def ask(self) -> None:
        """Have the network look at the drawing, if it has not yet or has learned since; else see to it in time."""
        wait = self._ask_now()
        # Each picture of a stroke asks, and else each frame does.
        self._ask_in(inf if self.canvas.held else wait)

    def _ask_now(self) -> float:
        """Have the network look if it is time, which is 0; else the seconds until it may be."""
        run, canvas, wait = self.run_state, self.canvas, inf
        if self._may_ask and not canvas.is_settled(run) and not self._is_young:
            wait = self._look.wait(canvas.number, run, run.drawing, monotonic(), goes_on=canvas.drawing.down)
            if wait == 0:
                self._send(canvas.wish())
        return wait

    @property
    def _is_young(self) -> bool:
        """Whether a stroke has just begun."""
        return self.canvas.held and monotonic() < self._pressed_at + YOUNG_S

    def toggle_wide(self) -> None:
        """A canvas for several digits, or for one."""
        self.canvas.toggle_wide()
        self._fit_layout()

    def resize_brush(self, direction: int) -> None:
        """A thicker brush, or a thinner one."""
        if not self.canvas.resize_brush(direction):
            self.say(f"this is the {'thickest' if direction > 0 else 'thinnest'} brush")

    def undo(self) -> None:
        """Take the last stroke back."""
        if not self.canvas.undo():
            self.say("there is nothing to undo")

    def save(self, label: str = "") -> bool:
        """Write the drawing and what the network was given of it; whether that could be done."""
        canvas, digits = self.canvas, self._read_digits()
        if digits is None:
            return False
        forms = [np.frombuffer(digit.pixels, np.uint8).reshape(28, 28) for digit in digits]
        ink = canvas.drawing.ink(SAVED, round(SAVED * canvas.span))
        try:
            path = save_drawing(self._folder, ink, forms, label)
        except UserError as error:
            self.say(str(error))
            return False
        self.say(
            f"label {label}: saved as {path.name} and added" if label else f"saved as {path.name} in {path.parent}"
        )
        return True

    def label(self) -> None:
        """Ask what it is; then save it so, and have the network learn from it."""
        digits = self._read_digits()
        if digits is not None:
            self.app.push_screen(LabelScreen("".join(str(digit.answer) for digit in digits)), self._add)

    def _add(self, label: str | None) -> None:
        digits = self._read_digits() if label else None
        if label and digits is not None and len(digits) == len(label):
            for digit, one in zip(digits, label, strict=True):
                self._send(AddSample(int(one), digit.pixels))
            self.save(label)

    def _read_digits(self) -> tuple[DrawnDigit, ...] | None:
        """What the network sees in the drawing as it is; None, with a word on why, where that is nothing."""
        run = self.run_state
        if self.canvas.drawing.blank:
            self.say("nothing is drawn")
        elif run.drawing is None or not self.canvas.is_read(run):
            self.say("the network has not read it yet")
        elif not run.drawing.digits:
            self.say("nothing of it is as dark as ink")
        else:
            return run.drawing.digits
        return None

    def choose_picture(self) -> None:
        """Look for a picture to be read."""
        self.app.push_screen(PicturesScreen(self._pictures), self._load_chosen)

    def on_paste(self, event: Paste) -> None:
        """A file that is dropped on the terminal comes as the text of its path."""
        words, found = event.text.strip(), None
        with suppress(ValueError, OSError):
            found = next((path for path in (Path(words), *map(Path, shlex.split(words))) if path.is_file()), None)
        if found is None:
            self.say("what was pasted is no file's path")
        self._load_chosen(found)

    def _load_chosen(self, path: Path | None) -> None:
        if path is not None:
            self._pictures = path.absolute().parent
            self.run_worker(self._load(path), exclusive=True)

    async def _load(self, path: Path) -> None:
        """Read it in another thread: a photograph takes a moment."""
        try:
            steps = await asyncio.to_thread(read_steps, path)
        except UserError as error:
            self.say(str(error))
            return
        amount = next(step.picture for step in steps if step.name == INK)
        self._loaded = steps
        self.canvas.load(amount, path.name)
        self._fit_layout()
        if not self._preparation.is_on_screen:
            self.say(f"{self.key('view.page')}: how it was prepared, step by step")

    def toggle_axes(self) -> None:
        """Nothing to choose here."""
        self.say("there are no axes here")

    def next_layer(self) -> None:
        """Nothing to choose here."""
        self.say("there are no layers here")

    def _fit_layout(self) -> None:
        """A wide canvas stands above the other panels."""
        self.arrangement.layouts = DRAW_WIDE if self.canvas.wide else DRAW
        self._arrange()

    def _canvas_changed(self) -> None:
        pressed = self._pressed_at == inf and self.canvas.held
        released = self._pressed_at < inf and not self.canvas.held
        if pressed:
            self._pressed_at = self._shown_at = monotonic()
        elif released:
            self._pressed_at = inf
        pause = FIRST_S if self._shown_at == self._pressed_at else SHOWN_S
        due = self._shown_at + pause if self.canvas.drawing.down else -inf
        if due > monotonic():
            self._show_by(due)
        elif released and not self._changed and self._ask_now() == 0:
            # The end of the stroke is shown with what it is read as, which comes as soon as one would see it.
            self._show_later(monotonic() + SHOWN_S)
        elif not self._changed:
            # Once for all moves that have come by then.
            self._changed = True
            self.call_later(self._show_changes)

    def _show_by(self, due: float) -> None:
        """Show what has changed by then, in the clock's seconds, or sooner."""
        if self._later is None or self._later.when() > due:
            self._show_later(due)

    def _show_later(self, due: float) -> None:
        """Show what has changed then, unless there is a picture before."""
        self._forget_later()
        self._later = asyncio.get_running_loop().call_at(due, self.call_later, self._show_changes)

    def _forget_later(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _show_changes(self) -> None:
        self._forget_later()
        self.before_picture()
        self._forget_later()  # a frame that was taken along has seen to a picture: this one
        self._changed, self._shown_at = False, monotonic()
        self._prepare()
        others, self._others = self._others, []
        # What the run tells by itself is in it: so little of it need not wait for the link's budget.
        super()._bring_up_to_date([*self._of_drawing, *dict.fromkeys(others)])
        self.ask()
        if self.canvas.held and not self.canvas.is_read(self.run_state):
            self.take_along()

    def _bring_up_to_date(self, panels: Sequence[Panel], *, answers: bool = True) -> None:
        if self.canvas.held:
            # A picture more costs training as much as one of the stroke's, however little there is in it.
            self._others += [panel for panel in panels if panel not in self._of_drawing]
            self.take_along()
        else:
            super()._bring_up_to_date(panels, answers=answers)

    def _prepare(self) -> None:
        """Have the steps shown of what is drawn, or of the picture that was loaded and that nothing is drawn over."""
        canvas, panel = self.canvas, self._preparation
        about = canvas.drawing.version, canvas.wide
        if not panel.is_on_screen or about == self._prepared:
            return
        self._prepared = about
        if canvas.drawing.blank:
            panel.steps = ()
        elif canvas.drawing.pictured and self._loaded:
            panel.steps = self._loaded
        else:
            ink = canvas.drawing.ink(SENT, round(SENT * canvas.span))
            panel.steps = tuple(prepare(ink / np.float32(255), drawn=True))
