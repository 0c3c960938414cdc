"""Help: every key, from the table of actions, and how to read the panels."""

from typing import TYPE_CHECKING, ClassVar, cast

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from tui_nn.actions import actions
from tui_nn.keymap import written

if TYPE_CHECKING:
    from tui_nn.app import TuiNN

READING = """\
Loss and accuracy: train is what happens in training, with dropout; validation is the split that the network never \
learns from, dotted where there is no colour. Ticks on the axis are ends of epochs, triangles changes that you made; \
a cross is a value that is not a number, "inf" one that left the plot. Fainter: the least and the greatest of the \
steps behind a mean, and what was smoothed; dashed grey: what a restart, an undo or a rewind left behind.
On the curves a press of the mouse places the cursor, the wheel zooms at the pointer, dragging moves what is shown.
Changes: the palette offers what is no number: the activation behind a layer, a layer that is frozen or drawn anew, \
optimizer, schedule, augmentation; a text may be typed for each. Every change is preceded by a checkpoint and marked \
on the curves; the log tells all of them, and `tui-nn replay` does them again.
Gradient norm: a bar for each layer, first to last, on a log scale; the thin line is its range over the last seconds. \
V: it vanishes (below 1/20 of the last layer's). X: it explodes (over ten times its own median, or not finite).
Zoomed: each update ratio between the lines of 1e-4 and 1e-2, and the largest norms of the whole run, cold to hot.
Layers: columns are bins that stay while you look; below, a coloured column for each snapshot. ! some, !! most units \
are dead or saturated; < > the update ratio is outside its band. Arrows choose the layer.
Boundary: a colour and a letter for each class, fainter where the network is less sure; points are samples, a cross \
is one that is taken for another class. Units: - marks the lowest below zero, + the highest above, each on its scale.
Errors: down what it is, across what it is read as; colours (or + and #) say how many of the row's errors a cell has. \
Calibration: a bar is what is right of answers that sure, its line how sure they were. \
Labels in doubt: a network that agrees with most labels contradicts these more surely than it is usually sure of \
that class.
Explain: along each slider stands what the digit would be read as there. Warm (or + and #) speaks for the answer, \
cold (- and =) against it.
Draw: with the mouse (the right button erases) or with keys; dotted lines are cuts between digits.
Weights: how many have which value. Test digit or sample: ✓ marks its label, ✗ a wrong answer (in ASCII = and x)."""


class HelpScreen(Screen[None]):
    """A page instead of the run's; the run goes on behind it. It is kept, for to lay it out takes 0.1 s."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 80; max-width: 100%; height: 100%; border: round $border; padding: 0 1;
    }
    """
    BINDINGS: ClassVar = [("escape,question_mark,f1,q,enter,space", "dismiss", "Close")]

    def __init__(self) -> None:
        super().__init__()
        self._first, self._told = "", ("", "")

    def tell(self, first: str) -> None:
        """Have the keys of this group at the top, by their present names, before the page is shown."""
        self._first = first
        if self.is_mounted and self._told != self._now:
            self.query_one("#help-keys", Static).update(self._keys())
            self.query_one(VerticalScroll).scroll_home(animate=False)

    @property
    def _now(self) -> tuple[str, str]:
        """What the names and the order of the keys depend on."""
        return self._first, cast("TuiNN", self.app).appearance.glyphs

    def on_mount(self) -> None:
        # The key that opens the page closes it, also one of the user's own.
        for key in cast("TuiNN", self.app).keymap["view.help"]:
            self._bindings.bind(key, "dismiss", show=False)

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = "Help"
            page.border_subtitle = "q or escape closes"
            yield Static(self._keys(), id="help-keys")
            yield Static(Text(READING), id="reading")

    def _keys(self) -> Table:
        app = cast("TuiNN", self.app)
        self._told = self._now
        table = Table(box=None, padding=(0, 1), show_header=False, expand=True)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        group = ""
        for item in sorted(actions().values(), key=lambda item: item.group != self._first):
            keys = " ".join(written(key, app.appearance.glyphs) for key in app.keymap[item.id])
            table.add_row(item.group if item.group != group else "", keys or "none", item.help)
            group = item.group
        return table
