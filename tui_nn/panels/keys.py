"""The last line: the keys that one needs most, as many as have room."""

from typing import NamedTuple

from textual.events import Click

from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span
from tui_nn.run_state import RunState


class KeyHint(NamedTuple):
    """A key as people write it, what it does in a word, the action, and how much it is needed."""

    key: str
    label: str
    action: str
    weight: int

    @property
    def width(self) -> int:
        return len(self.key) + 1 + len(self.label)


class KeysPanel(Panel):
    """Hints in the order of the table of actions; where not all have room, those that are needed least are left out."""

    framed = False
    answers = True

    DEFAULT_CSS = "KeysPanel { height: 1; }"

    hints: tuple[KeyHint, ...] = ()

    def source(self, run: RunState) -> object:
        return self.hints

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        row: Row = ()
        for hint in fitting(self.hints, width):
            row = (*row, Span(f"{' ' if row else ''}{hint.key} ", "selected"), Span(hint.label, "muted"))
        return [row]

    def on_click(self, event: Click) -> None:
        event.stop()
        start = 0
        for hint in fitting(self.hints, self.size.width):
            if start <= event.x < start + hint.width:
                self.call_later(self.app.run_action, hint.action)
            start += hint.width + 1


def fitting(hints: tuple[KeyHint, ...], width: int) -> tuple[KeyHint, ...]:
    """Those with the greatest weights that have room beside one another, in their order."""
    kept: set[KeyHint] = set()
    for hint in sorted(hints, key=lambda hint: -hint.weight):
        if sum(other.width + 1 for other in kept) + hint.width > width:
            break
        kept.add(hint)
    return tuple(hint for hint in hints if hint in kept)
