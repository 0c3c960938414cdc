"""The numbers that can be changed while the network learns."""

from engine.hyperparameters import Hyperparameter
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span
from tui_nn.run_state import RunState


class HyperparametersPanel(Panel):
    """A row each, as confirmed by the trainer; the chosen one is pointed at and explained."""

    title = "Hyperparameters"
    answers = True
    chosen = 0

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        items = list(run.hyperparameters.values())
        if not items:
            return []
        self.chosen %= len(items)
        self.subtitle = self._keys()
        rows = max(1, height - 1)
        first = min(max(0, self.chosen - rows + 1), max(0, len(items) - rows))
        label = max(len(item.name) for item in items)
        lines: list[Row] = []
        for index, item in enumerate(items[first : first + rows], first):
            here = index == self.chosen
            pointer = (">" if self.glyphs == "ascii" else "▸") if here else " "
            name = f"{pointer} {item.name.replace('_', ' '):<{label}}  "
            lines.append((Span(name, "selected" if here else ""), Span(_value(item, run), "value")))
        lines += [()] * (height - 1 - len(lines))
        return [*lines, (Span(items[self.chosen].help, "muted"),)]

    def _keys(self) -> str:
        """What chooses and changes."""
        look = self.appearance
        up, down, more, less = (look.key(f"hyperparameter.{verb}") for verb in ("previous", "next", "raise", "lower"))
        arrows = (up, down, more, less) in (tuple("↑↓→←"), ("up", "down", "right", "left"))
        moves = "arrows: choose, change" if arrows else f"{up} {down}: choose   {less} {more}: change"
        return "   ".join(filter(None, (moves, look.hint("hyperparameter.type", "type"))))

    def selected(self, run: RunState) -> Hyperparameter | None:
        """The chosen hyperparameter, or None before there are any."""
        items = list(run.hyperparameters.values())
        return items[self.chosen % len(items)] if items else None


def _value(item: Hyperparameter, run: RunState) -> str:
    text = "off" if item.zero and item.value == 0 else f"{item.value:g}"
    scheduled = (
        item.name == "learning_rate" and run.learning_rate and abs(run.learning_rate - item.value) > 1e-3 * item.value
    )
    return f"{text}, now {run.learning_rate:.3g}" if scheduled else text
