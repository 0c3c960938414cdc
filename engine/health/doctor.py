"""Looks at a run now and then, and says what has lasted."""

from collections import deque
from collections.abc import Callable
from itertools import takewhile
from math import nan, prod

import msgspec
import numpy as np

from engine.health.exploding import FACTOR
from engine.health.noise_scale import dense, measure_noise
from engine.health.probe import Probe
from engine.health.record import WINDOW, EpochLosses, LayerFacts, Record
from engine.health.rule import rules
from engine.health.verdict import Finding, Level, Verdict
from engine.losses.cross_entropy import CrossEntropy
from engine.model import Sequential
from engine.training.events import VerdictCleared, VerdictRaised
from engine.training.learner import Learner, StepFigures

FIRST_LOOK = 20
"""Steps before anything is judged."""

GROWTH = 2
"""The next look comes when a run is half as long again: a short run is judged, and a long one not held up."""

LOOK_S = 0.2
"""Estimated seconds between two looks at most."""

OVERHEAD_S, FLOPS_PER_S = 6e-5, 2e11
"""Of a step, in the estimate: what it takes whatever the network, and the rate of the rest."""

LASTING, GONE = 3, 5
"""Looks in a row that a finding takes to become a verdict, and to be none any more."""

NOISE_FIRST, NOISE_LOOKS = 5, 20
"""The first look that measures the noise in the gradient, and the looks between two such at most."""

LEVELS: tuple[Level | None, ...] = (None, "amber", "red")

LOGGED = 1000
"""Verdicts that are kept."""


class LoggedVerdict(Verdict, frozen=True):
    """A verdict of the log; `cleared` is the step from which on it no longer held, None while it does."""

    cleared: int | None = None


class Doctor:
    """Applies the rules at steps that depend on the network alone: two runs of one seed get the same verdicts.

    `take` costs next to nothing between the looks. A search without gradients is left alone.
    """

    def __init__(self, learner: Learner, emit: Callable[[VerdictRaised | VerdictCleared], None]) -> None:
        self._learner, self._emit = learner, emit
        self._layers = tuple(
            LayerFacts(leaf.label, sum(p.size for p in leaf.layer.parameters)) for leaf in learner.model.learning_layers
        )
        self._steps: deque[StepFigures] = deque(maxlen=WINDOW)
        self._next = learner.position.step + FIRST_LOOK
        self._standing: dict[tuple[str, str], _Standing] = {}
        self._largest_ratio, self._largest_step, self._rate = nan, nan, nan
        self._initial_loss = nan
        self._evaluations: deque[float] = deque(maxlen=WINDOW)
        self._quarter = (0.0, 0)
        self._epochs: deque[EpochLosses] = deque(maxlen=WINDOW)
        self._probe = Probe(learner)
        self._noise_scale, self._noise_at, self._looks = nan, NOISE_FIRST, 0
        self._initial_activations = self._probe.look() if learner.position.step == 0 and not learner.search else ()
        self.log: list[LoggedVerdict] = []

    def network_changed(self) -> None:
        """The network, or how it learns, is another: figures of the one before are none of it."""
        self._steps.clear()
        self._largest_ratio, self._largest_step = nan, nan
        self._probe = Probe(self._learner)

    def take(self, figures: StepFigures) -> None:
        """One more step; now and then a look."""
        self._steps.append(figures)
        self._quarter = (self._quarter[0] + figures.loss, self._quarter[1] + 1)
        step = self._learner.position.step
        if step >= self._next and figures.norms.size:
            most = max(1, int(LOOK_S / _step_seconds(self._learner)))
            self._next = step + min(max(FIRST_LOOK // GROWTH, step // GROWTH), most)
            self._measure_noise()
            self.look()

    def evaluated(self, loss: float) -> None:
        """The validation loss was measured, before the first step or after a quarter of an epoch."""
        if self._learner.position.step == 0:
            self._initial_loss = loss
        total, count = self._quarter
        if count:
            self._evaluations.append(total / count)
            self._quarter = (0.0, 0)

    def epoch_ended(self, train_loss: float, validation_loss: float) -> None:
        """The figures of an epoch."""
        self._epochs.append(EpochLosses(train_loss, validation_loss))

    def diverged(self, figures: StepFigures) -> None:
        """A step was not finite: that needs no second look."""
        remedy = "a lower learning rate, or clipping"
        record = self._record()
        cure = record.setting("learning_rate", record.value("learning_rate") / 10)
        finding = Finding("red", "", nan, FACTOR, remedy, cure)
        standing = self._standing.setdefault(("exploding", ""), _Standing())
        standing.looks.extend([(self._learner.position.step + 1, finding)] * GONE)
        self._settle("exploding", standing)

    def look(self) -> None:
        """Apply all rules to what is known now."""
        step, record = self._learner.position.step, self._record()
        found = {(name, finding.layer): finding for name in rules.names() for finding in rules[name](record)}
        for key in found:
            self._standing.setdefault(key, _Standing())
        for key, standing in list(self._standing.items()):
            standing.looks.append((step, found.get(key)))
            self._settle(key[0], standing)
            if standing.verdict is None and not any(finding for _, finding in standing.looks):
                del self._standing[key]
        if record.ratios.size:
            self._largest_ratio = float(np.fmax(self._largest_ratio, np.median(record.typical_ratios)))

    def _measure_noise(self) -> None:
        """Now and then, for it goes there and back in NumPy."""
        learner = self._learner
        self._looks += 1
        if self._looks == self._noise_at and dense(learner.model):
            self._noise_at += min(self._noise_at, NOISE_LOOKS)
            self._noise_scale = measure_noise(learner.model, learner.loss, self._probe.samples).simple

    def _settle(self, rule: str, standing: "_Standing") -> None:
        """Raise or clear what has lasted long enough."""
        now = LEVELS.index(standing.verdict.level) if standing.verdict else 0
        levels = [_rank(finding) for _, finding in standing.looks]
        lowest = min(levels[-LASTING:]) if len(levels) >= LASTING else 0
        highest = max(levels) if len(levels) >= GONE else now
        level = LEVELS[max(lowest, min(now, highest))]
        if level == LEVELS[now]:
            return
        step = self._learner.position.step
        if standing.verdict is not None:
            self._clear(standing.verdict, step)
            standing.verdict = None
        if level is not None:
            standing.verdict = standing.conclude(rule, level)
            self._emit(VerdictRaised(step, standing.verdict))
            if len(self.log) < LOGGED:
                self.log.append(LoggedVerdict(**msgspec.structs.asdict(standing.verdict)))

    def _clear(self, verdict: Verdict, step: int) -> None:
        self._emit(VerdictCleared(step, verdict))
        for place, entry in enumerate(self.log):
            if entry.cleared is None and (entry.rule, entry.layer) == (verdict.rule, verdict.layer):
                self.log[place] = msgspec.structs.replace(entry, cleared=step)

    def _record(self) -> Record:
        learner, steps = self._learner, self._steps
        hyperparameters = {item.name: item for item in learner.hyperparameters}
        rate = hyperparameters["learning_rate"].value if "learning_rate" in hyperparameters else nan
        if rate != self._rate:
            self._rate, self._largest_ratio, self._largest_step = rate, nan, nan
        ratios = np.array([step.update_ratios for step in steps])
        if ratios.size:
            self._largest_step = float(np.fmax(self._largest_step, np.median(ratios, axis=1).max()))
        classes = len(learner.dataset.class_names) if isinstance(learner.loss, CrossEntropy) else 0
        return Record(
            step=learner.position.step,
            layers=self._layers,
            norms=np.array([step.norms for step in steps]),
            ratios=ratios,
            losses=np.array([step.loss for step in steps]),
            largest_ratio=self._largest_ratio,
            largest_step=self._largest_step,
            hyperparameters=hyperparameters,
            schedule_factor=steps[-1].learning_rate / rate if steps and rate else 1.0,
            train_count=len(learner.dataset.train),
            classes=classes if classes > 1 else 0,
            initial_loss=self._initial_loss,
            evaluations=tuple(self._evaluations),
            epochs=tuple(self._epochs),
            activations=self._probe.look(),
            initial_activations=self._initial_activations,
            noise_scale=self._noise_scale,
        )


class _Standing:
    """What one rule says of one layer: the last looks, and the verdict that stands."""

    def __init__(self) -> None:
        self.looks: deque[tuple[int, Finding | None]] = deque(maxlen=GONE)
        self.verdict: Verdict | None = None

    def conclude(self, rule: str, level: Level) -> Verdict:
        """Of the latest finding of that level, since the first of the looks that agree with it."""
        found = next(look for _, look in reversed(self.looks) if look is not None and look.level == level)
        agreeing = takewhile(lambda look: _rank(look[1]) >= LEVELS.index(level), reversed(self.looks))
        since = min((step for step, _ in agreeing), default=self.looks[-1][0])
        about = (found.level, found.layer, since, found.value, found.threshold, found.remedy, found.cure)
        return Verdict(rule, *about)


def _rank(finding: Finding | None) -> int:
    return LEVELS.index(finding.level) if finding is not None else 0


def _step_seconds(learner: Learner) -> float:
    """About what a step takes on a usual machine: a function of the network, never of a clock."""
    flops = 6 * learner.settings.batch_size * multiplications(learner.model)
    return OVERHEAD_S + flops / FLOPS_PER_S


def multiplications(model: Sequential) -> int:
    """Of one sample's way forward: each weight, at each place that it looks at."""
    total = 0
    for leaf in model.learning_layers:
        places = prod(leaf.output_shape[1:]) if len(leaf.output_shape) == 3 else 1
        total += places * sum(p.size for p in leaf.layer.parameters if p.fan_in)
    return total
