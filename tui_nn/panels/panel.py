"""What all panels have in common: a frame, rows of spans in it, and only what changed sent to the terminal."""

from itertools import accumulate
from operator import is_
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui_nn.appearance import Appearance
from tui_nn.glyphs import in_ascii
from tui_nn.painting import Patch, is_bare, paint
from tui_nn.plots import Glyphs, Row, Span, fit, whole_words
from tui_nn.run_state import RunState
from tui_nn.themes.sixteen import WEIGHTS

FRAMES: dict[Glyphs, str] = {"braille": "╭─╮│╰╯", "block": "┌─┐│└┘", "ascii": "+-+|++"}
"""Corners and edges: top left, across, top right, down, bottom left, bottom right."""

MARKED: dict[Glyphs, str] = {"braille": "╔═╗║╚╝", "block": "╔═╗║╚╝", "ascii": "#=####"}
"""Those of the panel that was chosen."""


class Panel(Widget):
    """A framed region. A panel implements `draw`; roles become colours here.

    The frame is a part of the rows: a border of Textual's costs a repaint of the whole panel for a word in it.
    """

    ALLOW_SELECT = False

    title: str = ""
    """What stands in the frame above."""

    subtitle: str = ""
    """What stands in the frame below, at the right."""

    framed: ClassVar[bool] = True

    answers: ClassVar[bool] = False
    """Whether it shows what a key has done, and must not wait for the next frame."""

    every: ClassVar[int] = 1
    """It moves at every so many frames: what is looked at now and then need not cost what the loss does."""

    marked = False
    """Whether it is the panel that keys are meant for: its frame shows that, with and without colours."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.appearance = Appearance()
        self._run = RunState()
        self._rows: list[Row] = []
        self._source: object = None
        self._ground: tuple[Style, Color] | None = None
        self._styles: dict[str, Style] = {}
        self._codes: dict[str, tuple[str, str]] = {}
        self._strips: dict[int, tuple[Row, Strip]] = {}

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        """What the panel shows of a run, in at most that size."""
        raise NotImplementedError

    def source(self, run: RunState) -> object:
        """What alone is drawn: while it is the same object, or a tuple of the same ones, the rows stay as they are.

        None: they are drawn anew.
        """
        return None

    def enough(self, run: RunState) -> int | None:
        """Rows, with the frame, that show all there is of the run; None: the more the better."""
        return None

    def key(self, action: str) -> str:
        """The key for an action, as people write it."""
        return self.appearance.key(action)

    def scroll(self, run: RunState) -> bool:
        """On to what had no room; False where all is in view."""
        return False

    def follows(self, x: int, y: int, button: int) -> bool:
        """Whether it follows a mouse whose button is pressed at that cell of it wherever it goes, until its release."""
        return False

    def mark(self, marked: bool) -> None:
        """Show in the frame that it is chosen, or that it is not."""
        self.marked, self._source = marked, None
        self.show(self._run)

    @property
    def glyphs(self) -> Glyphs:
        """The characters that the terminal can show."""
        return self.appearance.glyphs

    def on_mount(self) -> None:
        self.watch(self.app, "appearance", self._wear)

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows that `draw` gets."""
        edge = 2 if self.framed else 0
        return max(0, self.size.width - edge), max(0, self.size.height - edge)

    def show(self, run: RunState) -> None:
        """Bring the panel up to date on the screen."""
        if not self.is_attached:
            return  # its screen was given up while news of a size or a theme were on their way to it
        changed = self.update(run)
        if is_bare(self.screen):
            paint(self.app, changed)
        else:
            self.repaint(changed)

    def update(self, run: RunState) -> list[Patch]:
        """Draw the run as it is now; what has changed is the caller's to `paint` or to `repaint`.

        Nothing is drawn while nobody sees it. A panel of another size than before has itself repainted.
        """
        self._run = run
        if not self.is_on_screen or self.screen not in self.app.screen_stack or not self.size:
            return []
        before, source, fits = self._rows, self.source(run), self._fits
        if fits and _is_same(source, self._source):
            return []
        self._source, self._rows = source, self._draw(run, *self.size)
        if not fits:
            self.refresh()
            return []
        x, y = self.content_region.offset
        patches = []
        for place, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                for start, spans in _differences(old, new):
                    patches.append(Patch(x + start, y + place, "".join(map(self._coded, spans))))
        return patches

    def repaint(self, patches: list[Patch]) -> None:
        """Have the rows of the patches repainted by Textual, which knows what lies over them."""
        if patches:
            top = self.content_region.y
            self.refresh(*(Region(0, patch.y - top, self.size.width, 1) for patch in patches))

    def render_lines(self, crop: Region) -> list[Strip]:
        # Textual would go through its styles and the filters of the application for every line, at every repaint.
        if not self._fits:  # it is painted before it was told its size
            self._source, self._rows = self.source(self._run), self._draw(self._run, *self.size)
        return [self._strip(y - self.gutter.top).crop(*crop.column_span) for y in crop.line_range]

    def render_line(self, y: int) -> Strip:
        if not 0 <= y < len(self._rows):
            return Strip.blank(self.size.width, self._style(""))
        row = self._rows[y]
        return Strip([Segment(self._text(span), self._style(span.role)) for span in row], _width(row))

    def _strip(self, y: int) -> Strip:
        """A line as the compositor takes it, padding included; the same while its row is the same."""
        row = self._rows[y] if 0 <= y < len(self._rows) else ()
        kept = self._strips.get(y)
        if kept is None or kept[0] is not row:
            gutter, line = self.gutter, self.render_line(y)
            blank = self._style("")
            strip = Strip([Segment(" " * gutter.left, blank), *line, Segment(" " * gutter.right, blank)])
            kept = self._strips[y] = row, strip
        return kept[1]

    def on_resize(self) -> None:
        self._strips = {}
        self.show(self._run)

    def on_show(self) -> None:
        self.show(self._run)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._forget_styles()

    def _forget_styles(self) -> None:
        self._ground, self._styles, self._codes, self._strips = None, {}, {}, {}

    def _wear(self, appearance: Appearance) -> None:
        """Take over how the application looks now; rows are of roles, which another theme leaves as they are."""
        recoloured = self._rows and appearance == self.appearance._replace(theme=appearance.theme)
        self.appearance = appearance
        self._forget_styles()
        if recoloured:
            self.refresh()
        else:
            self._rows, self._source = [], None
            self.show(self._run)

    @property
    def _fits(self) -> bool:
        """Whether the rows are those of a panel of this size."""
        return [len(self._rows), *map(_width, self._rows[:1])] == [self.size.height, self.size.width]

    def _draw(self, run: RunState, width: int, height: int) -> list[Row]:
        """The rows of the whole panel, each exactly as wide as it is."""
        edge = 1 if self.framed else 0
        inner = max(0, width - 2 * edge)
        rows = [fit(row, inner) for row in self.draw(run, inner, max(0, height - 2 * edge))]
        rows += [fit((), inner)] * (height - 2 * edge - len(rows))
        if not self.framed:
            return rows[:height]
        corners = (MARKED if self.marked else FRAMES)[self.glyphs]
        role = "selected" if self.marked else "border"
        side = (Span(corners[3], role),)
        above = _edge(role, inner, corners[0], corners[1], corners[2], left=self.title)
        below = _edge(role, inner, corners[4], corners[1], corners[5], right=self.subtitle)
        return [above, *((*side, *row, *side) for row in rows[: max(0, height - 2)]), below][:height]

    def _coded(self, span: Span) -> str:
        """The span with what the terminal is told before and after it, which Textual works out once for each role."""
        if span.role not in self._codes:
            before, _, after = Strip([Segment("|", self._style(span.role))], 1).render(self.app.console).partition("|")
            self._codes[span.role] = before, after
        before, after = self._codes[span.role]
        return f"{before}{self._text(span)}{after}"

    def _text(self, span: Span) -> str:
        return in_ascii(span.text) if self.glyphs == "ascii" and not span.text.isascii() else span.text

    def _style(self, role: str) -> Style:
        """A role in what colours the terminal has: the application's filters are asked once, not for every line."""
        if role not in self._styles:
            fore, _, back = role.partition(" on ")
            # Textual works these out anew from all that the panel lies in, each time that it is asked.
            bare, background = self._ground = self._ground or (self.rich_style, self.background_colors[1])
            style = bare + Style(color=self._colour(fore), bgcolor=self._colour(back))
            if self.appearance.shallow:
                style += WEIGHTS.get(fore, Style())
            else:
                style += Style(bold=fore in {"bad", "selected", "value"} or fore.startswith("wrong-"))
            segments = [Segment("|", style)]
            for line_filter in self.app.get_line_filters():
                segments = line_filter.apply(segments, background)
            self._styles[role] = segments[0].style or Style()
        return self._styles[role]

    def _colour(self, role: str) -> str | None:
        """By the theme; a terminal of 256 colours may have one of its own where the nearest of them would mislead."""
        variables = self.app.theme_variables
        own = f"role-{role}-256" if self.appearance.depth == "256" else ""
        return variables.get(own) or variables.get(f"role-{role}")


def _is_same(source: object, before: object) -> bool:
    """Whether nothing else is to be drawn; objects are not compared any deeper, for that costs what drawing does."""
    if isinstance(source, tuple) and isinstance(before, tuple):
        return len(source) == len(before) and all(map(is_, source, before))
    return source is not None and source is before


def _edge(role: str, inner: int, first: str, line: str, last: str, left: str = "", right: str = "") -> Row:
    """A frame's upper or lower edge around `inner` cells, with words in it as far as they have room."""
    title = whole_words(left, inner - 3)
    if title:
        tail = line * (inner - len(title) - 3) + last
        return Span(f"{first}{line} ", role), Span(title, "title"), Span(f" {tail}", role)
    words = _parts(right, inner - 3)
    if words:
        head = first + line * (inner - len(words) - 3)
        return Span(f"{head} ", role), Span(words, "muted"), Span(f" {line}{last}", role)
    return (Span(first + line * inner + last, role),)


def _parts(text: str, width: int) -> str:
    """Of the parts, three blanks between two, as many of the first as have room; of the first one whole words."""
    found, *others = text.split("   ")
    for part in others:
        if len(found) + 3 + len(part) > width:
            break
        found += f"   {part}"
    return whole_words(found, width)


def _differences(before: Row, after: Row) -> list[tuple[int, list[Span]]]:
    """The spans of `after` that do not stand in `before` as they are, and the cell where each run of them starts."""
    known = dict(zip(_starts(before), before, strict=True))
    found: list[tuple[int, list[Span]]] = []
    joined = False
    for start, span in zip(_starts(after), after, strict=True):
        changed = known.get(start) != span
        if changed and joined:
            found[-1][1].append(span)
        elif changed:
            found.append((start, [span]))
        joined = changed
    return found


def _starts(row: Row) -> list[int]:
    """The cell where each span starts."""
    return list(accumulate((len(span.text) for span in row[:-1]), initial=0)) if row else []


def _width(row: Row) -> int:
    return sum(len(span.text) for span in row)
