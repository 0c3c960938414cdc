"""The shown picture moved, turned and made noisy: four sliders, each with what it would be taken for all along."""

from typing import ClassVar

from msgspec.structs import replace
from textual.events import Click
from textual.message import Message

from engine.training.commands import AMOUNTS, AS_IT_IS, ChangeOfPicture
from engine.training.events import Track
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, one_cell
from tui_nn.run_state import RunState

NAMES: dict[ChangeOfPicture, str] = {"right": "shift right", "down": "shift down", "rotation": "turn", "noise": "noise"}

LABEL, VALUE, GAP = 14, 6, 2


class DigitSlidersPanel(Panel):
    """Arrows or the mouse move them; a digit stands for what the picture would be read as at that place."""

    title = "Shift, turn, noise"
    answers = True

    KINDS: ClassVar[tuple[ChangeOfPicture, ...]] = tuple(AMOUNTS)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.variation = AS_IT_IS
        self.place = 0
        """Which slider keys are meant for."""

    class Moved(Message):
        """A slider stands at another place."""

    def enough(self, run: RunState) -> int:
        return len(self.KINDS) + 2

    def source(self, run: RunState) -> object:
        return (run.varied, self.variation, self.place) if run.varied is not None else None

    def choose(self, direction: int) -> None:
        """The slider above or below."""
        self.place = (self.place + direction) % len(self.KINDS)

    def move(self, direction: int) -> bool:
        """One step to the right or the left; False at the end."""
        kind = self.KINDS[self.place]
        amounts = AMOUNTS[kind]
        place = amounts.index(getattr(self.variation, kind)) + direction
        if not 0 <= place < len(amounts):
            return False
        self.variation = replace(self.variation, **{kind: amounts[place]})
        return True

    def reset(self) -> None:
        """The picture as it is."""
        self.variation = AS_IT_IS

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        event, about = run.varied, run.started
        self.subtitle = ""
        if event is None or about is None:
            return []
        sample, names = event.prediction, [one_cell(name, self.glyphs) for name in about.class_names]
        self.subtitle = f"read as {names[sample.answer]} {sample.probabilities[sample.answer]:.0%}"
        hint = self.appearance.hint("inside.reset", "as it is")
        if self.variation != AS_IT_IS and hint:
            self.subtitle += f"   {hint}"
        tracks = {track.kind: track for track in event.tracks}
        return [
            self._slider(tracks[kind], kind, place, sample.label, names, width)
            for place, kind in enumerate(self.KINDS[: max(height, 0)])
            if kind in tracks
        ]

    def on_click(self, event: Click) -> None:
        row, left = event.y - 1, event.x - 1 - LABEL - VALUE - GAP
        if not 0 <= row < len(self.KINDS):
            return
        self.place = row
        kind = self.KINDS[row]
        place = left // self._each(self.room[0])
        if left >= 0 and place < len(AMOUNTS[kind]):
            self.variation = replace(self.variation, **{kind: AMOUNTS[kind][place]})
        self.post_message(self.Moved())

    def _slider(self, track: Track, kind: ChangeOfPicture, place: int, label: int, names: list[str], width: int) -> Row:
        chosen = place == self.place
        amount = getattr(self.variation, kind)
        pointer, knob = (">", ">") if self.glyphs == "ascii" else ("▸", "▸")
        sign = f"{amount:+g}" if amount else "0"
        sign += "°" if kind == "rotation" and self.glyphs != "ascii" else ""
        row: Row = (
            Span(f"{pointer if chosen else ' '} {NAMES[kind]:<{LABEL - 2}}", "selected" if chosen else "value"),
            Span(f"{sign:>{VALUE}}" + " " * GAP, "value" if amount else "muted"),
        )
        each = self._each(width)
        right, wrong = ("=", "x") if self.glyphs == "ascii" else ("✓", "✗")
        for value, answer in zip(track.amounts, track.answers, strict=True):
            text = names[answer] if len(names[answer]) == 1 else right if answer == label else wrong
            here = value == amount
            text = f"{(knob if here else '') + text:>{each}}" if each > 1 else text
            row = (*row, Span(text, "selected" if here else "good" if answer == label else "bad"))
        return row

    def _each(self, width: int) -> int:
        """Cells of a place on a track."""
        places = max(map(len, AMOUNTS.values()))
        return max(1, min((width - LABEL - VALUE - GAP) // places, 4))
