"""A finding about a run's health, and what it becomes once it has lasted."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from engine.training.commands import ApplyRemedy, Cure

Level = Literal["amber", "red"]


class Finding(NamedTuple):
    """What a rule sees in one look: `value` is on the wrong side of `threshold`; no layer: the whole network."""

    level: Level
    layer: str
    value: float
    threshold: float
    remedy: str
    cure: tuple[Cure, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """A finding that has lasted: which rule found what, in which layer, since which step, and what would help.

    `cure` are the commands that do what `remedy` says, in their order; none where only the maker of the network can.
    """

    rule: str
    level: Level
    layer: str
    step: int
    value: float
    threshold: float
    remedy: str
    cure: tuple[Cure, ...] = ()

    def __post_init__(self) -> None:
        # Rules compute with NumPy, whose numbers cannot be written down.
        for name in ("value", "threshold"):
            msgspec.structs.force_setattr(self, name, float(getattr(self, name)))

    @property
    def place(self) -> str:
        """The rule, and the layer if there is one."""
        return f"{self.rule.replace('_', ' ')} in {self.layer}" if self.layer else self.rule.replace("_", " ")

    @property
    def command(self) -> ApplyRemedy:
        """What applies the remedy."""
        return ApplyRemedy(self.rule, self.layer, self.remedy, self.cure)

    @property
    def text(self) -> str:
        """In one line."""
        return f"{self.place}: {self.value:.3g}, threshold {self.threshold:.3g}; {self.remedy}"


def most_serious(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Red ones first, then those that a key can cure, then what ails the whole network, then the oldest."""
    return sorted(
        verdicts, key=lambda verdict: (verdict.level != "red", not verdict.cure, verdict.layer != "", verdict.step)
    )
