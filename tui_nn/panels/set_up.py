"""A form for a new run, and under or beside it the layers that its model has."""

import re
from textwrap import wrap

from engine.training.events import LayerInfo
from engine.training.plan import Plan
from tui_nn.draft import FIELDS, LABELS, Draft
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, fit, one_cell, shorten, whole_words
from tui_nn.run_state import RunState

LABEL = 14
"""Cells of a field's name."""

WIDE = 110
"""Columns from which on the layers stand beside the fields."""

LEAST_FIELDS, LEAST_LAYERS = 12, 6
"""Rows that are kept for fields, as long as the layers have those that are kept for them."""

KNOWN = re.compile(r"; known: .*?(; did you mean|$)")

SAID = 2
"""Rows for what is wrong: always the same, so that the form stands still while one types."""


class SetUpPanel(Panel):
    """A row for each setting, the layers with their shapes as far as they fit, and what is wrong, in words."""

    title = "New run"
    answers = True

    draft: Draft | None = None
    data = ""
    """What is known of the data set, in a line."""
    plan = Plan(())
    trouble = ""
    """Why it cannot be begun; empty where it can."""
    waits = False
    """Whether the data are yet to be read."""
    first = 0
    """The layer that is shown first, where not all have room."""
    rows_of_fields: tuple[str, ...] = ()
    """The fields in view, from the first row on."""

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if self.draft is None:
            return []
        self.subtitle = "tab: field   enter: begin   escape: leave   pgdn: layers"
        said = self._said(width)
        room = max(1, height - len(said) - 1)
        if width >= WIDE:
            left = width // 2
            fields, layers = self._fields(left - 2, room), self._layers(width - left, room)
            pad: list[Row] = [()] * room
            pairs = zip([*fields, *pad][:room], [*layers, *pad][:room], strict=True)
            rows: list[Row] = [(*fit(one, left), *other) for one, other in pairs]
        else:
            wanted = len(self.plan.layers) + 2
            fields = self._fields(width, max(1, room - wanted, min(LEAST_FIELDS, room - LEAST_LAYERS)))
            rows = [*fields, *self._layers(width, room - len(fields))]
        rows += [()] * (room - len(rows))
        return [*rows[:room], (Span(whole_words(one_cell(self.draft.help, self.glyphs), width), "muted"),), *said]

    def scroll_layers(self, direction: int) -> None:
        """Other layers, where not all have room."""
        self.first = min(max(0, self.first + 3 * direction), max(0, len(self.plan.layers) - 1))

    def _said(self, width: int) -> list[Row]:
        """The last rows: whether it can be begun, or why not."""
        ascii = self.glyphs == "ascii"
        if self.trouble:
            text, role = f"{'x' if ascii else '✗'} {self.trouble}", "bad"
        elif self.waits:
            text, role = "reading the data", "muted"
        else:
            text, role = f"{'+' if ascii else '✓'} {self.plan.parameters:,} parameters; enter begins", "good"
        lines = wrap(one_cell(text, self.glyphs), max(width, 1))
        if len(lines) > SAID:  # of all names that there are, the nearest one
            lines = wrap(one_cell(KNOWN.sub(r"\1", text), self.glyphs), max(width, 1))[:SAID]
        return [*((Span(line, role),) for line in lines), *[()] * (SAID - len(lines))]

    def _fields(self, width: int, height: int) -> list[Row]:
        assert self.draft is not None
        here = FIELDS.index(self.draft.field)
        first = min(max(0, here - height + 1), max(0, len(FIELDS) - height))
        self.rows_of_fields = FIELDS[first : first + height]
        return [self._field(name, width) for name in self.rows_of_fields]

    def _field(self, name: str, width: int) -> Row:
        assert self.draft is not None
        chosen, ascii = name == self.draft.field, self.glyphs == "ascii"
        pointer = (">" if ascii else "▸") if chosen else " "
        head = f"{pointer} {LABELS.get(name, name.replace('_', ' ')):<{LABEL}}  "
        room = max(0, width - len(head))
        text = one_cell(self.draft.values[name], self.glyphs)
        if not chosen:
            tail = f"   {self.data}" if name == "dataset" and self.data else ""
            if tail and len(text) + len(tail) <= room:
                return Span(head), Span(text, "value"), Span(tail, "muted")
            return Span(head), Span(shorten(text, room, self.glyphs), "value")
        before, after = text[: self.draft.cursor], text[self.draft.cursor :]
        mark = "|" if ascii else "▏"
        arrows = ("<> " if ascii else "◂▸ ") if self.draft.picks else ""
        room -= len(arrows) + 1
        before = before[max(0, len(before) - max(room * 3 // 4, room - len(after))) :]
        after = after[: max(0, room - len(before))]
        row = Span(head, "selected"), Span(before, "value"), Span(mark, "cursor"), Span(after, "value")
        used = len(before) + len(after)
        tail = f"   {self.data}" if name == "dataset" and self.data and used + len(self.data) + 3 <= room else ""
        return (*row, Span(tail, "muted"), Span(" " * (room - used - len(tail)) + arrows.rstrip(), "selected"))

    def _layers(self, width: int, height: int) -> list[Row]:
        layers = self.plan.layers
        if height < 2:
            return []
        numbers = max([len(f"{layer.parameters:,}") for layer in layers] + [len("parameters")])
        shapes = max([len(_shape(layer)) for layer in layers] + [len("output")])
        label = max(8, min(width - numbers - shapes - 4, max([len(layer.label) for layer in layers] + [5])))
        head = f"{'layer':<{label}}  {'output':<{shapes}}  {'parameters':>{numbers}}"
        rows: list[Row] = [(Span(head, "title"),)]
        room = height - 2 if len(layers) <= height - 2 else height - 3
        self.first = min(self.first, max(0, len(layers) - max(room, 1)))
        for layer in layers[self.first : self.first + max(room, 0)]:
            name = shorten(layer.label, label, self.glyphs)
            count = f"{layer.parameters:,}" if layer.parameters else "-"
            rows.append(
                (Span(f"{name}  "), Span(f"{_shape(layer):<{shapes}}  ", "muted"), Span(f"{count:>{numbers}}", "value"))
            )
        if len(layers) > room:
            shown = f"{self.first + 1} to {self.first + max(room, 0)} of {len(layers)} layers"
            rows.append((Span(whole_words(shown, width), "muted"),))
        if layers:
            total = f"{'in all':<{label}}  {'':<{shapes}}  {self.plan.parameters:>{numbers},}"
            rows.append((Span(total, "value"),))
        return rows[:height]


def _shape(layer: LayerInfo) -> str:
    return "x".join(map(str, layer.output_shape))
