"""Which verdict keys are meant for: the one that was chosen, else the most serious."""

from collections.abc import Sequence
from typing import TypeAlias

from engine.health.verdict import Verdict, most_serious

Chosen: TypeAlias = tuple[str, str] | None
"""Rule and layer of a verdict; None: nobody has chosen."""


def in_order(verdicts: Sequence[Verdict], chosen: Chosen) -> list[Verdict]:
    """The one that keys are meant for, then the others, the most serious first."""
    ordered = most_serious(verdicts)
    return sorted(ordered, key=lambda verdict: (verdict.rule, verdict.layer) != chosen)


def following(verdicts: Sequence[Verdict], chosen: Chosen) -> Verdict | None:
    """The next one to choose, around the end."""
    ordered = most_serious(verdicts)
    if not ordered:
        return None
    now = in_order(verdicts, chosen)[0]
    return ordered[(ordered.index(now) + 1) % len(ordered)]
