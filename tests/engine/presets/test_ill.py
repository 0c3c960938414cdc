"""Presets that begin ill: the verdict comes soon, and the command of its remedy makes the run well."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from engine.health.verdict import Verdict, most_serious
from engine.training import commands as c
from engine.training import events as e
from engine.training.config import make_config, read_preset

Train = Callable[..., Any]

SOON = 300
"""Steps within which the verdict is there."""


class Illness(NamedTuple):
    """What is found, and how right the network is about validation so many steps after the remedy."""

    rule: str
    levels: set[str]
    steps: int
    accuracy: float


ILL = {
    "vanishing": Illness("vanishing", {"amber"}, 600, 0.75),
    "exploding": Illness("exploding", {"red"}, 400, 0.8),
    "dying-relu": Illness("dead_units", {"red"}, 500, 0.75),
    "bad-init": Illness("initialization", {"red"}, 300, 0.85),
    "overfit": Illness("overfit", {"amber", "red"}, 1200, 0.85),
    "too-fast": Illness("learning_rate", {"red"}, 600, 0.75),
    "too-slow": Illness("learning_rate", {"amber"}, 700, 0.75),
}


class Course:
    """Reacts to the events of a run: pauses when it is found ill, applies the remedy, goes on for some steps.

    `by_key`: the remedy is that of the most serious verdict, as the key of the dashboard applies it.
    """

    def __init__(self, illness: Illness, *, by_key: bool = False) -> None:
        self._illness, self._by_key = illness, by_key
        self.verdict: Verdict | None = None
        self.standing: list[Verdict] = []
        self.at_cure: list[Verdict] = []
        self.raised_at = self.cured_at = 0
        self.accuracies: list[float] = []
        self.before = 0.0

    def __call__(self, event: Any) -> c.AnyCommand | None:
        match event:
            case e.Evaluated(split="validation", accuracy=accuracy):
                self.accuracies.append(accuracy)
            case e.VerdictCleared(verdict=verdict):
                self.standing.remove(verdict)
            case e.VerdictRaised(step=step, verdict=verdict):
                self.standing.append(verdict)
                if self.verdict is None and verdict.rule == self._illness.rule:
                    self.verdict, self.raised_at = verdict, step
                    return c.Pause()
            case e.RunPaused() if self.verdict is not None and not self.at_cure:
                self.at_cure, self.before = list(self.standing), self.accuracies[-1]
                return (most_serious(self.standing)[0] if self._by_key else self.verdict).command
            case e.RemedyApplied():
                return c.RunSteps(self._illness.steps)
        return None


def test_each_has_its_test():
    described = {name for name in ILL if read_preset(name)[0].startswith("ill: ")}
    assert described == set(ILL)


@pytest.mark.parametrize("by_key", [False, True], ids=["its own", "by key"])
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("preset", ILL)
def test_it_is_found_soon_and_its_remedy_cures_it(preset: str, seed: int, by_key: bool, train: Train):
    illness = ILL[preset]
    course = Course(illness, by_key=by_key)
    config = make_config({"dataset": "mnist-5k", **read_preset(preset)[1], "seed": seed})
    run = train(config=config, react=course, linger=True, report_interval_s=1e9)
    assert course.verdict is not None, run.events[-1]
    assert course.raised_at <= SOON
    assert course.verdict.level in illness.levels
    assert course.verdict.cure
    assert run.of(e.CommandRefused) == []
    cleared = [event.verdict for event in run.of(e.VerdictCleared)]
    assert [verdict for verdict in course.at_cure if verdict not in cleared] == []
    assert [verdict.place for verdict in course.standing if verdict.level == "red"] == []
    assert illness.rule not in {verdict.rule for verdict in course.standing}
    assert course.accuracies[-1] >= max(illness.accuracy, course.before + 0.05)
