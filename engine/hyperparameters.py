"""Numbers that can change while a network trains, declared once: controls, checks and help derive from it."""

import math
from collections.abc import Iterator
from dataclasses import field, fields, is_dataclass
from typing import Any, Literal

import msgspec

from engine.errors import UserError

Scale = Literal["log", "log2", "linear", "one-minus"]
"""How a hyperparameter is stepped through: 1-2-5 by decade, doubling, even steps, or 1-2-5 of its distance from 1."""

EVEN_STEP = 0.05
"""One step on a linear scale."""


class Hyperparameter(msgspec.Struct, frozen=True):
    """A tunable number with its value, its bounds (both allowed) and what it means."""

    name: str
    value: float
    low: float
    high: float
    scale: Scale
    help: str
    zero: bool = False
    """Whether 0 is allowed below `low`, meaning off."""

    def checked(self, value: object) -> float:
        """`value` as a number within bounds. Raises UserError that names the hyperparameter, value and range."""
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        whole = self.scale != "log2" or number == math.floor(number) if math.isfinite(number) else False
        if whole and (self.low <= number <= self.high or (self.zero and number == 0)):
            return number
        kind = "a whole number" if self.scale == "log2" else "a number"
        zero = "0 (off) or " if self.zero else ""
        raise UserError(f"{self.name} {value!r}: must be {zero}{kind} from {self.low:g} to {self.high:g}")

    def stepped(self, direction: int) -> float:
        """The next value up (+1) or down (-1) on the hyperparameter's scale, kept within its bounds."""
        match self.scale:
            case "log2":
                value = self.value * 2.0**direction
                value = math.floor(value) if direction > 0 else math.ceil(value)
            case "linear":
                value = round((round(self.value / EVEN_STEP) + direction) * EVEN_STEP, 10)
            case "log":
                value = _one_two_five(self.value, direction, self.low)
            case "one-minus":
                value = round(1 - _one_two_five(1 - self.value, -direction, 1 - self.high), 10)
        if self.zero and value < self.low:
            return self.low if direction > 0 else 0.0
        return min(max(value, self.low), self.high)


def tunable(default: float, *, low: float, high: float, scale: Scale = "log", help: str, zero: bool = False) -> Any:
    """A dataclass field that users may change during training."""
    return field(
        default=default, metadata={"tunable": {"low": low, "high": high, "scale": scale, "help": help, "zero": zero}}
    )


def tunables(holder: Any) -> Iterator[Hyperparameter]:
    """The tunable fields of a dataclass instance, with their present values; none of anything else."""
    for item in fields(holder) if is_dataclass(holder) else ():
        if "tunable" in item.metadata:
            yield Hyperparameter(item.name, getattr(holder, item.name), **item.metadata["tunable"])


def _one_two_five(value: float, direction: int, low: float) -> float:
    """The neighbour of `value` in ..., 0.1, 0.2, 0.5, 1, 2, 5, 10, ..."""
    if value < low:
        return low if direction > 0 else 0.0
    decade = math.floor(math.log10(value) + 1e-9)
    series = [float(f"{digit}e{decade + shift}") for shift in (-1, 0, 1) for digit in (1, 2, 5)]
    if direction > 0:
        return next(item for item in series if item > value * (1 + 1e-9))
    return next(item for item in reversed(series) if item < value * (1 - 1e-9))
