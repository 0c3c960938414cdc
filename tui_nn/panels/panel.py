"""What all panels have in common: rows of spans on the screen, and only the rows that changed sent to it."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui_nn.glyphs import choose_glyphs
from tui_nn.plots import Row, fit
from tui_nn.run_state import RunState


class Panel(Widget):
    """A bordered region. A panel implements `draw`; roles become colours here."""

    DEFAULT_CSS = """
    Panel { border: round $border; border-title-color: $foreground; border-subtitle-color: $role-muted; }
    Panel.-ascii { border: ascii $border; }
    """

    answers: ClassVar[bool] = False
    """Whether it shows what a key has done, and must not wait for the next frame."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = choose_glyphs()
        self.set_class(self.glyphs == "ascii", "-ascii")
        self._run = RunState()
        self._rows: list[Row] = []
        self._styles: dict[str, Style] = {}

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        """What the panel shows of a run, in at most that size."""
        raise NotImplementedError

    def show(self, run: RunState) -> None:
        """Bring the panel up to date; nothing is drawn while nobody sees it."""
        self._run = run
        if not self.is_on_screen or not self.size:
            return
        width, height = self.size
        rows = [fit(row, width) for row in self.draw(run, width, height)][:height]
        before, self._rows = self._rows, rows
        if len(before) != len(rows):
            self.refresh()
            return
        changed = [Region(0, y, width, 1) for y, row in enumerate(rows) if row != before[y]]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self._style(""))
        return Strip([Segment(span.text, self._style(span.role)) for span in self._rows[y]], self.size.width)

    def on_resize(self) -> None:
        self.show(self._run)

    def on_show(self) -> None:
        self.show(self._run)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def _style(self, role: str) -> Style:
        if role not in self._styles:
            fore, _, back = role.partition(" on ")
            bold = fore in {"bad", "selected", "value"} or fore.startswith("wrong-")
            self._styles[role] = self.rich_style + Style(
                color=self._colour(fore), bgcolor=self._colour(back), bold=bold
            )
        return self._styles[role]

    def _colour(self, role: str) -> str | None:
        """By the theme; a terminal of 256 colours may have one of its own where the nearest of them would mislead."""
        variables = self.app.theme_variables
        own = f"role-{role}-256" if self.app.console.color_system == "256" else ""
        return variables.get(own) or variables.get(f"role-{role}")
