"""What is wrong with the run, since when, and what a key does about it."""

from math import isfinite
from textwrap import wrap

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

USUAL = 58
"""Columns, before it is known how many there are."""

NARROW = 40
"""Columns below which what follows the first row begins at the left."""


class VerdictsPanel(Panel):
    """The most serious first. The chosen one has all that is known of it, and the key of its remedy; the others a row
    each, and their remedies where there is room. Then what was, newest first.
    """

    title = "Diagnosis"

    answers = True
    chosen: Chosen = None

    def enough(self, run: RunState) -> int:
        if not run.verdicts:
            return 3
        first = in_order(run.verdicts, self.chosen)[0]
        return 2 + len(self._whole(first, self.room[0] or USUAL)) + 2 * (min(len(run.verdicts), MOST) - 1)

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        if run.started is None:
            return []
        self.subtitle = self._subtitle(run)
        verdicts = in_order(run.verdicts, self.chosen)
        if verdicts:
            rows = self._whole(verdicts[0], width)
            if len(rows) > height:
                rows = self._whole(verdicts[0], width, figures=False)
            rows += _others(verdicts[1:], width, height - len(rows))
        else:
            rows = [(Span(whole_words("healthy: no verdict", width), "good"),)]
        if len(rows) < height - 1 and run.verdict_log:
            rows += [(), *_history(run, width, height - len(rows) - 1)]
        return rows[:height]

    def _subtitle(self, run: RunState) -> str:
        if len(run.verdicts) > 1:
            return self.appearance.hint("health.next", "next")
        return f"{len(run.verdict_log)} in the log" if run.verdict_log and not run.verdicts else ""

    def _whole(self, verdict: Verdict, width: int, *, figures: bool = True) -> list[Row]:
        """Level, rule and layer, figure and step, and the remedy with its key, in as many rows as that takes."""
        about = [figure(verdict), f"since step {verdict.step:,}"] if figures else []
        first, *others = _flow([verdict.place, *about], width - POINTER - LEVEL)
        indent = " " * (POINTER + LEVEL if width >= NARROW else POINTER)
        room = width - len(indent)
        rows: list[Row] = [(_level(verdict), Span(first, "value"))]
        rows += [(Span(indent), Span(line, "value")) for line in others]
        key = f"{self.key('health.remedy')}: " if verdict.cure else ""
        for place, line in enumerate(wrap(key + verdict.remedy, max(room, 1))):
            start = key if place == 0 and line.startswith(key) else ""
            rows.append((Span(indent), Span(start, "selected"), Span(line.removeprefix(start), "value")))
        return rows


def figure(verdict: Verdict) -> str:
    """The figure beside its threshold."""
    if not isfinite(verdict.value):
        return "not finite"
    sign = "<" if verdict.value < verdict.threshold else ">"
    return f"{short_number(verdict.value, 2)} {sign} {short_number(verdict.threshold, 2)}"


def _others(verdicts: list[Verdict], width: int, height: int) -> list[Row]:
    """A row each, or how many more there are; their remedies where all have room."""
    rows: list[Row] = []
    shown = verdicts if len(verdicts) <= height else verdicts[: max(height - 1, 0)]
    for place, verdict in enumerate(shown):
        rows.append(_finding(verdict, width))
        if height - len(rows) > len(shown) - place - 1 and len(shown) == len(verdicts):
            indent = " " * (POINTER + LEVEL if width >= NARROW else POINTER)
            rows.append((Span(indent + whole_words(verdict.remedy, width - len(indent)), "muted"),))
    if len(shown) < len(verdicts) and height > 0:
        rows.append((Span(f"{' ' * POINTER}{len(verdicts) - len(shown)} more", "muted"),))
    return rows


def _level(verdict: Verdict) -> Span:
    return Span(f"{'!' if verdict.level == 'red' else ' '} {verdict.level:<{LEVEL}}", ROLES[verdict.level])


def _finding(verdict: Verdict, width: int) -> Row:
    """Level, rule and layer, figure and step; what has no room is left out from the right."""
    about = verdict.place
    for part in (figure(verdict), f"since step {verdict.step:,}"):
        longer = f"{about}   {part}"
        if POINTER + LEVEL + len(longer) > width:
            break
        about = longer
    return _level(verdict), Span(whole_words(about, width - POINTER - LEVEL), "value")


def _flow(parts: list[str], width: int) -> list[str]:
    """In lines of that width: a part that has no room behind those before it begins another one."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}   {part}" if lines[-1] else part
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines += wrap(part, max(width, 1))
    return [line for line in lines if line] or [""]


def _history(run: RunState, width: int, height: int) -> list[Row]:
    rows: list[Row] = []
    for step, sign, verdict in reversed(run.verdict_log):
        what = verdict.level if sign == "+" else "over"
        text = f"step {step:>7,}  {what:<5}  {verdict.place}"
        longer = f"{text}   {figure(verdict)}"
        text = longer if sign == "+" and len(longer) <= width else text
        rows.append((Span(whole_words(text, width), "muted"),))
        if len(rows) >= height:
            break
    return rows
