"""The checks before a run, as a list of ticks."""

from textwrap import wrap
from typing import NamedTuple

from engine.preflight import Result
from tui_nn.panels.panel import Panel
from tui_nn.plots import Row, Span, one_cell
from tui_nn.run_state import RunState

SIGNS = {"good": "✓", "amber": "!", "red": "✗", "none": "-"}
ASCII_SIGNS = SIGNS | {"good": "+", "red": "x"}
ROLES = {"good": "good", "amber": "warn", "red": "bad", "none": "muted"}

LABEL = 14
"""Cells of a check's name."""


class Flown(NamedTuple):
    """How far the checks are: those that ended, the one that is being done, those that wait, and what prevents them."""

    results: tuple[Result, ...] = ()
    running: str = ""
    waiting: tuple[str, ...] = ()
    trouble: str = ""


class PreflightPanel(Panel):
    """A check each: its sign, what was found, what was expected, what to do; where room lacks, what failed first."""

    title = "Pre-flight"
    subtitle = "escape leaves"
    answers = True

    flown = Flown()

    def draw(self, run: RunState, width: int, height: int) -> list[Row]:
        flown = self.flown
        failed = sum(result.passed is False for result in flown.results)
        left = len(flown.waiting) + bool(flown.running)
        cautions = sum(result.level == "amber" for result in flown.results)
        count = f"{failed} failed" if failed else "none failed"
        if cautions:
            count += f", {cautions} to look at"
        self.title = f"Pre-flight: {len(flown.results)} of {len(flown.results) + left} checks, {count}"
        self.subtitle = "escape leaves, and ends it" if left else "escape leaves"
        if flown.trouble:
            return [(Span(line, "bad"),) for line in wrap(one_cell(flown.trouble, self.glyphs), max(width, 1))]
        if not flown.results and not left:
            return [(Span("reading the data", "muted"),)]
        rows: list[Row] = []
        for details in ("all", "failed", "none"):
            rows = [row for result in flown.results for row in self._lines(result, width, details)]
            if flown.running:
                rows.append(self._open(flown.running, "being checked"))
            rows += [self._open(name, "") for name in flown.waiting]
            if len(rows) <= height:
                break
        return rows[:height]

    def _lines(self, result: Result, width: int, details: str) -> list[Row]:
        sign = (ASCII_SIGNS if self.glyphs == "ascii" else SIGNS)[result.level]
        head = (Span(f"{sign} {result.name:<{LABEL}}  ", ROLES[result.level]),)
        indent = LABEL + 4
        room = max(width - indent, 8)
        texts = [(result.found, "value")]
        if result.expected and (details == "all" or (details == "failed" and result.passed is False)):
            texts.append((f"expected: {result.expected}", "muted"))
        if result.advice and details != "none":
            texts.append((result.advice, "warn"))
        lines = [(line, role) for text, role in texts for line in wrap(one_cell(text, self.glyphs), room)]
        if details == "none":
            lines = lines[:1]
        first, *others = lines or [("", "")]
        return [(*head, Span(*first)), *((Span(" " * indent), Span(*line)) for line in others)]

    def _open(self, name: str, what: str) -> Row:
        sign = "." if self.glyphs == "ascii" else "·"
        return (Span(f"{sign} {name:<{LABEL}}  {what}".rstrip(), "muted"),)
