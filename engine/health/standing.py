"""What one rule says of one layer, over several looks: a verdict neither flickers nor appears at once."""

from collections import deque
from itertools import takewhile

from engine.health.verdict import Finding, Level, Verdict

LASTING, GONE = 3, 5
"""Looks in a row that a finding takes to become a verdict, and to be none any more."""

LEVELS: tuple[Level | None, ...] = (None, "amber", "red")


class Standing:
    """The last looks, and the verdict that stands."""

    def __init__(self, verdict: Verdict | None = None) -> None:
        self.verdict = verdict
        self._looks: deque[tuple[int, Finding | None]] = deque(maxlen=GONE)

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to remember."""
        return self.verdict is None and not any(finding for _, finding in self._looks)

    def take(self, step: int, finding: Finding | None) -> None:
        """One more look."""
        self._looks.append((step, finding))

    def insist(self, step: int, finding: Finding) -> None:
        """Something that needs no second look."""
        self._looks.extend([(step, finding)] * GONE)

    def settle(self, rule: str) -> bool:
        """Raise or clear what has lasted long enough; whether `verdict` is another one now."""
        now = LEVELS.index(self.verdict.level) if self.verdict else 0
        ranks = [_rank(finding) for _, finding in self._looks]
        lowest = min(ranks[-LASTING:]) if len(ranks) >= LASTING else 0
        highest = max(ranks) if len(ranks) >= GONE else now
        level = LEVELS[max(lowest, min(now, highest))]
        if level == LEVELS[now]:
            return False
        self.verdict = self._conclude(rule, level) if level is not None else None
        return True

    def _conclude(self, rule: str, level: Level) -> Verdict:
        """Of the latest finding of that level, since the first of the looks that agree with it."""
        found = next(look for _, look in reversed(self._looks) if look is not None and look.level == level)
        agreeing = takewhile(lambda look: _rank(look[1]) >= LEVELS.index(level), reversed(self._looks))
        since = min((step for step, _ in agreeing), default=self._looks[-1][0])
        about = (found.level, found.layer, since, found.value, found.threshold, found.remedy, found.cure)
        return Verdict(rule, *about)


def _rank(finding: Finding | None) -> int:
    return LEVELS.index(finding.level) if finding is not None else 0
