"""What a study found: one outcome a run, one row a case with its figures over the seeds."""

from collections.abc import Sequence
from math import nan
from typing import NamedTuple

from engine.studies.figures import CURVES, Figure, Spread, spread
from engine.studies.study import Case, Plan


class Outcome(NamedTuple):
    """One run: its figures at the end, its curve, and the step at which it diverged, if it did (then no figures)."""

    label: str
    seed: int
    figures: dict[str, float]
    x: tuple[float, ...]
    y: tuple[float, ...]
    diverged: int | None = None
    seconds: float = 0.0


class Row(NamedTuple):
    """One case of the grid with the runs that it had."""

    label: str
    case: Case
    outcomes: tuple[Outcome, ...]
    published: float | None = None

    def figure(self, name: str) -> Spread:
        """A figure over the seeds; runs that diverged have none, and a target not reached is none either."""
        return spread([outcome.figures.get(name, nan) for outcome in self.outcomes])

    @property
    def diverged(self) -> list[int]:
        """The steps at which runs diverged."""
        return [outcome.diverged for outcome in self.outcomes if outcome.diverged is not None]

    @property
    def curve(self) -> list[tuple[float, Spread]]:
        """The curve over the seeds, at each x over the runs that came so far."""
        places = sorted({x for outcome in self.outcomes for x in outcome.x})
        by_x = [dict(zip(outcome.x, outcome.y, strict=True)) for outcome in self.outcomes]
        return [(x, spread([points.get(x, nan) for points in by_x])) for x in places]


class Result(NamedTuple):
    """All of it; `interrupted` where not every run was had."""

    plan: Plan
    rows: tuple[Row, ...]
    seconds: float
    interrupted: bool = False

    @property
    def figure(self) -> Figure:
        """What the curves show."""
        return CURVES[self.plan.study.curve]

    @property
    def x_name(self) -> str:
        """What the curves stand over."""
        return "hidden layer" if self.plan.study.curve == "bias_gradient" else self.plan.study.by


def gather(plan: Plan, outcomes: Sequence[Outcome], seconds: float) -> Result:
    """Rows in the order of the grid; a case without a run is left out."""
    published = plan.study.published.figures if plan.study.published else {}
    rows = []
    for case in plan.cases:
        own = tuple(outcome for outcome in outcomes if outcome.label == case.label)
        if own:
            rows.append(Row(case.label, case, own, published.get(case.label)))
    return Result(plan, tuple(rows), seconds, len(outcomes) < len(plan.runs))


def first_reached(x: Sequence[float], y: Sequence[float], target: float, figure: Figure) -> float:
    """The first x at which the curve is at the target or beyond it; NaN where it never is."""
    sign = -1 if figure.better == "lower" else 1
    return next((at for at, value in zip(x, y, strict=True) if sign * value >= sign * target), nan)
