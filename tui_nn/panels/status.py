"""Where the run stands, in one line."""

from collections.abc import Collection
from time import monotonic
from typing import Any

from engine.training.events import DownloadAdvanced, PreparationAdvanced
from tui_nn.link.pace import Figures
from tui_nn.metrics import error_text
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, whole_words
from tui_nn.run_state import RunState
from tui_nn.transferred import transferred
from tui_nn.verdict_choice import Chosen, in_order

STATES = {
    "preparing": ("…", "preparing", "warn"),
    "running": ("●", "training", "good"),
    "paused": ("‖", "paused", "warn"),
    "ended": ("■", "done", "value"),
    "failed": ("✗", "failed", "bad"),
}

GAP = 3

MESSAGE_S = 10
"""Seconds for which a message stays."""


LINK_S = 4
"""Seconds for which the figures of the link stay: to tell what is sent costs bytes too."""


class StatusPanel(Panel):
    """State, epoch, step, speed and time left; below it the last thing worth saying."""

    answers = True
    framed = False

    DEFAULT_CSS = "StatusPanel { height: 2; padding: 0 1; }"

    notice = ""
    """What a key wants said, in place of the message: whoever sets it takes it away again."""

    taken: Collection[str] = ()
    """Keys that mean something else on this screen."""

    chosen: Chosen = None
    """The verdict that keys are meant for."""

    printed = 0
    """Lines of the log that nobody has seen."""

    _message_shown = 0
    _message_since = 0.0

    carried: Figures | None = None
    """What the link to the terminal carried lately."""

    _link_text, _link_since = "", 0.0

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        sign, state, role = STATES[run.phase]
        sign = "*" if self.glyphs == "ascii" else sign
        if run.started is None:
            return [
                self._with_printed((Span(f"{sign} {state}", role),), width),
                self._noticed() or self._preparing(run),
            ]
        parts = [f"epoch {min(run.epoch, run.epochs):.1f}/{run.epochs}", f"step {run.step:,}"]
        if run.seconds_left is not None:
            parts.append(f"{_clock(run.seconds_left)} left")
        if run.phase != "ended":
            parts.append(self._slowed() if run.pace else "full speed")
        if run.samples_per_second and run.phase != "ended":
            parts.append(f"{run.samples_per_second:,.0f} samples/s")
        if self.carried is not None and run.phase == "running":
            parts.append(self._link(self.carried))
        text = f"{sign} {state}"
        room = width - len(self._printed())
        while parts and len(text) + sum(len(part) + GAP for part in parts) > room:
            parts.pop()
        line = (Span(text, role), *(Span(" " * GAP + part) for part in parts))
        return [self._with_printed(line, width), self._noticed() or self._message(run, width)]

    def _noticed(self) -> Row:
        return (Span(self.notice, "change"),) if self.notice else ()

    def _printed(self) -> str:
        return f"{' ' * GAP}{self.printed:,} printed: L" if self.printed else ""

    def _with_printed(self, row: Row, width: int) -> Row:
        """At the right end: there it is seen, and moves nothing."""
        text = self._printed()
        gap = width - len(text) - sum(len(span.text) for span in row)
        return (*row, Span(" " * gap), Span(text, "warn")) if text and gap >= 0 else row

    def _slowed(self) -> str:
        hint = self.appearance.hint("training.speed", "full speed")
        return f"slowed ({hint})" if hint else "slowed"

    def _link(self, carried: Figures) -> str:
        if not self._link_text or monotonic() - self._link_since >= LINK_S:
            self._link_text, self._link_since = link_text(carried), monotonic()
        return self._link_text

    def _preparing(self, run: RunState) -> Row:
        if run.trouble:
            return (Span(run.trouble, "bad"),)
        match run.preparation:
            case PreparationAdvanced(done, total, what):
                text = f"{what} ({done + 1} of {total})"
            case DownloadAdvanced() as event:
                text = f"downloading {event.dataset}: {transferred(event)} from {event.source}"
            case None:
                text = "starting"
        return (Span(text, "muted"),)

    def _message(self, run: RunState, width: int) -> Row:
        assert run.started is not None
        if run.trouble:
            return self._trouble(run, width)
        if run.message_count != self._message_shown:
            self._message_shown, self._message_since = run.message_count, monotonic()
        if run.message and monotonic() - self._message_since < MESSAGE_S:
            return (Span(run.message, "change"),)
        if run.phase == "ended":
            ways = (self.key("training.restart"), "restarts"), (self.key("training.epoch"), "trains on")
            offered = ", ".join(f"{key} {what}" for key, what in ways if key not in self.taken)
            return Span(f"{self._outcome(run.summary)}   ", "value"), Span(offered, "muted")
        if run.verdicts:
            return self._diagnosis(run, width)
        about = run.started
        text = f"{about.dataset}   {about.parameters:,} parameters   {about.config.method}   {about.config.model}"
        cut = "~" if self.glyphs == "ascii" else "…"
        return (Span(text if len(text) <= width else text[: width - 1] + cut, "muted"),)

    def _trouble(self, run: RunState, width: int) -> Row:
        """What went wrong, and the key that mends it, if one does."""
        verdict = next(iter(in_order(run.verdicts, self.chosen)), None)
        if run.phase != "paused" or verdict is None or not verdict.cure:
            return (Span(run.trouble, "bad"),)
        what = run.trouble.partition(":")[0]
        remedy = f"{self.key('health.remedy')}: {verdict.remedy}"
        return Span(what + " " * GAP, "bad"), Span(self._cut(remedy, width - len(what) - GAP), "value")

    def _cut(self, text: str, width: int) -> str:
        """Whole words, and a sign that there are more of them."""
        sign = "~" if self.glyphs == "ascii" else "…"
        return text if len(text) <= width else f"{whole_words(text, width - 2)} {sign}".lstrip()

    def _diagnosis(self, run: RunState, width: int) -> Row:
        """How many verdicts there are, the one that keys are meant for, and what its key does."""
        verdict = in_order(run.verdicts, self.chosen)[0]
        red = sum(other.level == "red" for other in run.verdicts)
        counts = [f"{count} {level}" for count, level in ((red, "red"), (len(run.verdicts) - red, "amber")) if count]
        text = f"{', '.join(counts)}: {verdict.place}"
        remedy = f"{self.key('health.remedy')}: {verdict.remedy}" if verdict.cure else verdict.remedy
        room = width - len(text) - GAP
        return (
            Span(whole_words(text, width), "bad" if red else "warn"),
            Span(" " * GAP + self._cut(remedy, room) if room > 0 else "", "value"),
        )

    def _outcome(self, summary: dict[str, Any]) -> str:
        if summary.get("target"):
            return error_text(summary)
        sign, error = "+-" if self.glyphs == "ascii" else "±", summary["test_standard_error"] * 100
        return f"test accuracy {summary['test_accuracy'] * 100:.1f} % {sign} {error:.1f}"


def link_text(carried: Figures) -> str:
    """Bytes and frames a second, so roughly that they seldom change."""
    rate, frames = carried.bytes_per_second / 1024, carried.frames_per_second
    text = f"{rate:.0f} KB/s {frames:.0f} frames/s" if frames >= 1 else f"{rate:.0f} KB/s {frames:.1f} frames/s"
    return text if carried.answers else f"{text}, terminal does not answer"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
