"""Schedules: factors on the user's learning rate, which they never overwrite. "warmup(100), cosine" multiplies both."""

from collections.abc import Callable
from math import cos, pi
from typing import Annotated

from msgspec import Meta

from engine.expressions import make, parse_calls
from engine.registry import Registry

Schedule = Callable[[int, float, int], float]
"""(step, epoch, epochs) -> factor: step from 0, epoch with its fraction, epochs planned."""

Count = Annotated[int, Meta(ge=1)]
Factor = Annotated[float, Meta(ge=0, le=1)]

schedules: Registry[Callable[..., Schedule]] = Registry("schedule", __name__)


def schedule(text: str) -> Schedule:
    """The product of the schedules that a text names. Raises UserError for an unknown name or a bad argument."""
    factors = [make(call, schedules) for call in parse_calls(text, "schedule")]

    def product(step: int, epoch: float, epochs: int) -> float:
        result = 1.0
        for factor in factors:
            result *= factor(step, epoch, epochs)
        return result

    return product


@schedules.register("constant")
def constant() -> Schedule:
    """1."""
    return lambda step, epoch, epochs: 1.0


@schedules.register("step")
def step(epochs: Count = 10, gamma: Factor = 0.1) -> Schedule:
    """gamma^floor(epoch / epochs): a drop every so many epochs."""
    return lambda _, epoch, total: gamma ** (epoch // epochs)


@schedules.register("exponential")
def exponential(gamma: Factor = 0.95) -> Schedule:
    """gamma^floor(epoch)."""
    return lambda step, epoch, epochs: gamma ** int(epoch)


@schedules.register("cosine")
def cosine(final: Factor = 0.0) -> Schedule:
    """final + (1 - final) (1 + cos(pi epoch / epochs)) / 2.   Loshchilov and Hutter 2017, arXiv 1608.03983, eq. 5."""
    return lambda step, epoch, epochs: final + (1 - final) * (1 + cos(pi * min(epoch / epochs, 1.0))) / 2


@schedules.register("warmup")
def warmup(steps: Count = 100) -> Schedule:
    """min(1, (step + 1) / steps): a straight rise over the first steps.   Goyal et al. 2017, arXiv 1706.02677."""
    return lambda step, epoch, epochs: min(1.0, (step + 1) / steps)
