"""The numbers that can be changed while the network learns."""

from engine.hyperparameters import Hyperparameter
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, shorten, whole_words
from tui_nn.run_state import RunState

GAP = 2

VALUE = 8
"""Cells of a value, so that explanations stand below one another while it changes."""


class HyperparametersPanel(Panel):
    """A row each, as confirmed by the trainer; the chosen one is pointed at and explained; where there is room, all."""

    title = "Hyperparameters"

    answers = True
    chosen = 0

    def enough(self, run: RunState) -> int | None:
        return len(run.hyperparameters) + 3 if run.hyperparameters else 11

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        items = list(run.hyperparameters.values())
        if not items:
            return []
        self.chosen %= len(items)
        label = max(len(item.name) for item in items)
        values = [value_text(item, run) for item in items]
        start = 2 + label + GAP + max(VALUE, *map(len, values)) + GAP
        explained = start + max(len(item.help) for item in items) <= width
        rows = max(1, height if explained else height - 1)
        self.subtitle = self._hint(min(rows, len(items)), len(items))
        first = min(max(0, self.chosen - rows + 1), max(0, len(items) - rows))
        lines: list[Row] = []
        for index, item in enumerate(items[first : first + rows], first):
            lines.append(self._line(item, values[index], index == self.chosen, label, width))
            if explained:
                used = sum(len(span.text) for span in lines[-1])
                lines[-1] = (*lines[-1], Span(" " * (start - used) + item.help, "muted"))
        if explained:
            return lines
        lines += [()] * (height - 1 - len(lines))
        return [*lines, (Span(whole_words(items[self.chosen].help, width), "muted"),)]

    def selected(self, run: RunState) -> Hyperparameter | None:
        """The chosen hyperparameter, or None before there are any."""
        return selected(run, self.chosen)

    def _hint(self, shown: int, count: int) -> str:
        keys = [self.key(f"hyperparameter.{verb}") for verb in ("previous", "next", "lower", "raise")]
        arrows = {"↑", "↓", "←", "→"}, {"up", "down", "left", "right"}
        change = "arrows: choose, change" if set(keys) in arrows else "{} {}: choose   {} {}: change".format(*keys)
        some = f"{shown} of {count}   " if shown < count else ""
        return f"{some}{change}   {self.key('hyperparameter.type')}: type"

    def _line(self, item: Hyperparameter, value: str, here: bool, label: int, width: int) -> Row:
        """A name may be cut; of a value a part would be another number."""
        pointer = (">" if self.glyphs == "ascii" else "▸") if here else " "
        if 2 + label + GAP + len(value) > width:
            value = value.partition(",")[0]
        label = min(label, max(width - 2 - GAP - len(value), 0))
        name = f"{pointer} {shorten(item.name.replace('_', ' '), label, self.glyphs)}{' ' * GAP}"
        return Span(name, "selected" if here else ""), Span(value, "value")


def selected(run: RunState, chosen: int) -> Hyperparameter | None:
    """The hyperparameter that a pointer is at, or None before there are any."""
    items = list(run.hyperparameters.values())
    return items[chosen % len(items)] if items else None


def value_text(item: Hyperparameter, run: RunState) -> str:
    """The value as set; behind a comma what a schedule makes of it now."""
    text = "off" if item.zero and item.value == 0 else f"{item.value:g}"
    scheduled = (
        item.name == "learning_rate" and run.learning_rate and abs(run.learning_rate - item.value) > 1e-3 * item.value
    )
    return f"{text}, now {run.learning_rate:.3g}" if scheduled else text
