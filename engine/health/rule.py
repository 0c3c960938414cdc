"""What a rule is: a function over a record, which registers itself."""

from collections.abc import Callable, Iterable

from engine.health.record import Record
from engine.health.verdict import Finding
from engine.registry import Registry

Rule = Callable[[Record], Iterable[Finding]]
"""What one look at a run shows; pure."""

rules: Registry[Rule] = Registry("rule", __package__)
