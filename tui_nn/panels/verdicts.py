"""What is wrong with the run, since when, and what a key does about it."""

from math import isfinite

from engine.health.verdict import Verdict
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, short_number, whole_words
from tui_nn.run_state import RunState
from tui_nn.verdict_choice import Chosen, in_order

ROLES = {"red": "bad", "amber": "warn"}

LEVEL = 6
"""Cells of the level and the blank behind it."""

POINTER = 2

MOST = 4
"""Verdicts for which the panel asks room."""


class VerdictsPanel(Panel):
    """The most serious first, two rows each; the remedy of the chosen one has its key. Then what was, newest first."""

    title = "Diagnosis"

    answers = True
    chosen: Chosen = None

    def enough(self, run: RunState) -> int:
        return 2 + 2 * min(len(run.verdicts), MOST) if run.verdicts else 3

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if run.started is None:
            return []
        verdicts = in_order(run.verdicts, self.chosen)
        rows: list[Row] = []
        if not verdicts:
            rows.append((Span(whole_words("healthy: no verdict", width), "good"),))
        self.subtitle = self._subtitle(run)
        # The chosen one has its remedy in view, whatever else has room.
        for place, verdict in enumerate(verdicts):
            left = height - len(rows)
            if left < 1 or (left == 1 and place < len(verdicts) - 1 and rows):
                rows[height - 1 :] = [(Span(f"{' ' * POINTER}{len(verdicts) - place} more", "muted"),)]
                break
            rows.append(_finding(verdict, width))
            if left > 1 and (place == 0 or left > len(verdicts) - place):
                rows.append(self._remedy(verdict, place == 0, width))
        if len(rows) < height - 1 and run.verdict_log:
            rows += [(), *_history(run, width, height - len(rows) - 1)]
        return rows[:height]

    def _subtitle(self, run: RunState) -> str:
        if len(run.verdicts) > 1:
            return self.appearance.hint("health.next", "next")
        return f"{len(run.verdict_log)} in the log" if run.verdict_log and not run.verdicts else ""

    def _remedy(self, verdict: Verdict, here: bool, width: int) -> Row:
        key = f"{self.key('health.remedy')}: " if here and verdict.cure else ""
        start = " " * (POINTER + LEVEL)
        room = width - len(start) - len(key)
        return (
            Span(start),
            Span(key, "selected"),
            Span(whole_words(verdict.remedy, room), "value" if here else "muted"),
        )


def figure(verdict: Verdict) -> str:
    """The figure beside its threshold."""
    if not isfinite(verdict.value):
        return "not finite"
    sign = "<" if verdict.value < verdict.threshold else ">"
    return f"{short_number(verdict.value, 2)} {sign} {short_number(verdict.threshold, 2)}"


def _finding(verdict: Verdict, width: int) -> Row:
    """Level, rule and layer, figure and step; what has no room is left out from the right."""
    about = verdict.place
    for part in (figure(verdict), f"since step {verdict.step:,}"):
        longer = f"{about}   {part}"
        if POINTER + LEVEL + len(longer) > width:
            break
        about = longer
    level = f"{'!' if verdict.level == 'red' else ' '} {verdict.level:<{LEVEL}}"
    return Span(level, ROLES[verdict.level]), Span(whole_words(about, width - POINTER - LEVEL), "value")


def _history(run: RunState, width: int, height: int) -> list[Row]:
    rows: list[Row] = []
    for step, sign, verdict in reversed(run.verdict_log):
        what = verdict.level if sign == "+" else "over"
        text = f"step {step:>7,}  {what:<5}  {verdict.place}   {figure(verdict) if sign == '+' else ''}"
        rows.append((Span(whole_words(text.rstrip(), width), "muted"),))
        if len(rows) >= height:
            break
    return rows
