"""A finding about a run's health, and what it becomes once it has lasted."""

from typing import Literal, NamedTuple

import msgspec

from engine.training.commands import Change, SetHyperparameter, Stop

Level = Literal["amber", "red"]

Cure = SetHyperparameter | Stop | Change
"""A command that applies a remedy."""


class Finding(NamedTuple):
    """What a rule sees in one look: `value` is on the wrong side of `threshold`; no layer: the whole network."""

    level: Level
    layer: str
    value: float
    threshold: float
    remedy: str
    cure: Cure | None = None


class Verdict(msgspec.Struct, frozen=True):
    """A finding that has lasted: which rule found what, in which layer, since which step, and what would help.

    `cure` is the command that does what `remedy` says; None where only the maker of the network can.
    """

    rule: str
    level: Level
    layer: str
    step: int
    value: float
    threshold: float
    remedy: str
    cure: Cure | None = None

    def __post_init__(self) -> None:
        # Rules compute with NumPy, whose numbers cannot be written down.
        for name in ("value", "threshold"):
            msgspec.structs.force_setattr(self, name, float(getattr(self, name)))

    @property
    def text(self) -> str:
        """In one line."""
        where = f" in {self.layer}" if self.layer else ""
        return f"{self.rule}{where}: {self.value:.3g}, threshold {self.threshold:.3g}; {self.remedy}"
