"""Looks at a run now and then, and says what has lasted."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from math import ceil, isnan, nan

import msgspec
import numpy as np

from engine.arrays import Array
from engine.health.cost import look_seconds, step_seconds
from engine.health.exploding import FACTOR
from engine.health.memory import LoggedVerdict, Memory
from engine.health.noise_scale import measure_noise, noise_seconds
from engine.health.probe import Probe
from engine.health.record import WINDOW, EpochFigures, LayerFacts, Record, medians
from engine.health.remedies import Remedy, clip, draw_anew, together
from engine.health.rule import rules
from engine.health.standing import Standing
from engine.health.verdict import Finding, Verdict
from engine.losses.cross_entropy import CrossEntropy
from engine.model import Sequential
from engine.training.events import VerdictCleared, VerdictRaised
from engine.training.learner import Learner, StepFigures

FIRST_LOOK = 20
"""Steps before anything is judged, at the beginning and after each change."""

GROWTH = 2
"""The next look comes when that is half as long ago again: a short run is judged, and a long one not held up."""

LOOK_S = 0.5
"""Estimated seconds between two looks at most, where they are not too dear."""

START, SHARE = 30, 0.003
"""What looks may take, by estimate: the time of so many steps after each change, and of this share of all since."""

NOISE_SHARE, NOISE_GROWTH = 0.01, 4
"""The share that measuring the noise in the gradient may take at first, and how much later it comes each time again."""

BEFORE = 0.25
"""The share of the window's gradients that were no longer than the usual one, where the last ones were not finite."""

LOGGED = 1000
"""Verdicts that are kept."""


class Doctor:
    """Applies the rules at steps that depend on the network and its changes alone: a run that is made anew, with its
    commands, gets the same verdicts.

    `add` costs next to nothing between the looks. A search without gradients is left alone. A run that goes on from a
    checkpoint brings its `memory`.
    """

    def __init__(
        self,
        learner: Learner,
        emit: Callable[[VerdictRaised | VerdictCleared], None],
        memory: Memory | None = None,
    ) -> None:
        self._learner, self._emit = learner, emit
        self._steps: deque[StepFigures] = deque(maxlen=WINDOW)
        self._standing: dict[tuple[str, str], Standing] = {}
        self._evaluations: deque[float] = deque(maxlen=WINDOW)
        self._epochs: deque[EpochFigures] = deque(maxlen=WINDOW)
        self._quarter = (0.0, 0)
        self._initial_loss = self._noise_scale = nan
        self._largest_ratio = self._largest_step = self._first_step = nan
        self.next_look = self._noise_from = self._noise_gap = self._looks = 0
        self.log: list[LoggedVerdict] = []
        self._begin()
        self._begin_anew()
        if memory is not None:
            self._remember(memory)

    @property
    def memory(self) -> Memory:
        """What a checkpoint keeps."""
        return Memory(
            initial_loss=None if isnan(self._initial_loss) else self._initial_loss,
            evaluations=tuple(self._evaluations),
            quarter=self._quarter,
            epochs=tuple(self._epochs),
            initial_activations=self._initial_activations,
            log=tuple(self.log),
        )

    @property
    def verdicts(self) -> list[Verdict]:
        """Those that stand."""
        return [standing.verdict for standing in self._standing.values() if standing.verdict is not None]

    def changed(self, *, anew: bool = False) -> None:
        """From now on the run is another: steps before say nothing of it, and what is found now is looked at soon.

        `anew`: the network itself is another, so that its losses before, and how it began, are not its own.
        """
        self._begin()
        if anew:
            self._begin_anew()

    def add(self, steps: Sequence[StepFigures]) -> None:
        """What has been trained since: up to the next look at most."""
        self._steps.extend(steps)
        total, count = self._quarter
        for figures in steps:
            total += figures.loss
        self._quarter = (total, count + len(steps))

    def look_if_due(self) -> None:
        """Look if `next_look` is reached: after `add`, and after what was evaluated at this step."""
        step = self._learner.position.step
        if step < self.next_look:
            return
        self._plan(step)
        if self._steps and self._steps[-1].norms.size:
            self._measure_noise(step)
            self.look()

    def evaluated(self, loss: float) -> None:
        """The validation loss was measured, before the first step or after a quarter of an epoch."""
        if self._learner.position.step == self._begun:
            self._initial_loss = loss
        total, count = self._quarter
        if count:
            self._evaluations.append(total / count)
            self._quarter = (0.0, 0)

    def epoch_ended(self, figures: EpochFigures) -> None:
        """The figures of an epoch; of one in which the run was changed they are those of two runs."""
        if self._learner.position.step - self._learner.steps_per_epoch >= self._since:
            self._epochs.append(figures)

    def diverged(self) -> str:
        """A step was not finite: that needs no second look. Returns the remedy."""
        finding = self._explosion()
        standing = self._standing.setdefault(("exploding", ""), Standing())
        standing.insist(self._learner.position.step + 1, finding)
        self._settle("exploding", standing)
        return finding.remedy

    def look(self) -> None:
        """Apply all rules to what is known now."""
        step, record = self._learner.position.step, self._record()
        found = {(name, finding.layer): finding for name in rules.names() for finding in rules[name](record)}
        for key in found:
            self._standing.setdefault(key, Standing())
        for key, standing in list(self._standing.items()):
            standing.take(step, found.get(key))
            self._settle(key[0], standing)
            if standing.quiet:
                del self._standing[key]
        if record.typical_ratios.size:
            self._largest_ratio = float(np.fmax(self._largest_ratio, medians(record.typical_ratios)))

    def _begin(self) -> None:
        learner = self._learner
        self._steps.clear()
        self._evaluations.clear()
        self._quarter = (0.0, 0)
        self._since = learner.position.step
        self.next_look, self._looks = self._since + FIRST_LOOK, 0
        self._largest_ratio = self._largest_step = self._first_step = nan
        self._layers = tuple(_facts(learner.model))
        self._probe = Probe(learner)

    def _begin_anew(self) -> None:
        learner = self._learner
        self._begun = learner.position.step
        self._initial_loss = self._noise_scale = nan
        self._noise_gap = ceil(noise_seconds(learner.model, self._probe.samples) / NOISE_SHARE / self._step_s)
        self._noise_from = self._begun + self._noise_gap
        self._epochs.clear()
        self._initial_activations = () if learner.search else self._probe.look(spread=True)

    def _remember(self, memory: Memory) -> None:
        """Of a run that goes on, its start is known from before, or not at all."""
        self._begun = -1
        self._initial_loss = nan if memory.initial_loss is None else memory.initial_loss
        self._evaluations.extend(memory.evaluations)
        self._quarter = memory.quarter
        self._epochs.extend(memory.epochs)
        self._initial_activations = memory.initial_activations
        self.log.extend(memory.log)
        for entry in self.log:
            if entry.cleared is None:
                about = msgspec.structs.asdict(entry)
                about.pop("cleared")
                verdict = Verdict(**about)
                self._standing[entry.rule, entry.layer] = Standing(verdict)
                self._emit(VerdictRaised(self._learner.position.step, verdict))

    def _explosion(self) -> Finding:
        """Weights that such steps have led to are no start."""
        record = self._record()
        norms = np.sqrt(np.square(record.norms).sum(axis=1)) if record.norms.size else np.zeros(0)
        usual = float(np.quantile(norms, BEFORE)) if norms.size else nan
        slower = record.setting("learning_rate", record.value("learning_rate") / 10)
        words = f"learning rate {slower[0].value:g}" if slower else "a lower learning rate"
        remedy = together(Remedy(words, slower), clip(record, usual) if usual > 0 else Remedy(""), draw_anew(record))
        return Finding("red", "", nan, FACTOR, *remedy)

    @property
    def _step_s(self) -> float:
        return step_seconds(self._learner.model, self._learner.settings.batch_size)

    def _plan(self, step: int) -> None:
        """When to look next, after a look at this step: later where it would not be paid for by then."""
        self._looks += 1
        most = max(1, int(LOOK_S / self._step_s))
        soon = step + min(max(FIRST_LOOK // GROWTH, (step - self._since) // GROWTH), most)
        look = look_seconds(self._learner.model, len(self._probe.samples)) / self._step_s
        paid = self._since + ceil(((self._looks + 1) * look - START) / SHARE)
        self.next_look = max(soon, paid)

    def _measure_noise(self, step: int) -> None:
        """Now and then, for it goes there and back in NumPy."""
        learner = self._learner
        if step >= self._noise_from:
            self._noise_gap *= NOISE_GROWTH
            self._noise_from = step + self._noise_gap
            self._noise_scale = measure_noise(learner.model, learner.loss, self._probe.samples).simple

    def _settle(self, rule: str, standing: Standing) -> None:
        """Tell what has been raised or cleared."""
        step, before = self._learner.position.step, standing.verdict
        if not standing.settle(rule):
            return
        if before is not None:
            self._clear(before, step)
        if standing.verdict is not None:
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
        ratios = np.array([step.update_ratios for step in steps])
        self._compare_steps(ratios, rate)
        classes = len(learner.dataset.class_names) if isinstance(learner.loss, CrossEntropy) else 0
        return Record(
            step=learner.position.step,
            layers=self._layers,
            norms=np.array([step.norms for step in steps]),
            ratios=ratios,
            losses=np.array([step.loss for step in steps]),
            largest_ratio=self._largest_ratio,
            largest_step=self._largest_step,
            first_step=self._first_step,
            hyperparameters=hyperparameters,
            schedule_factor=steps[-1].learning_rate / rate if steps and rate else 1.0,
            train_count=len(learner.given.train),
            classes=classes if classes > 1 else 0,
            pictures=len(learner.dataset.input_shape) == 3 and learner.augmentation is None,
            input_size=self._probe.input_size,
            initial_loss=self._initial_loss,
            evaluations=tuple(self._evaluations),
            epochs=tuple(self._epochs),
            activations=self._probe.look(),
            initial_activations=self._initial_activations,
            noise_scale=self._noise_scale,
        )

    def _compare_steps(self, ratios: Array, rate: float) -> None:
        """The largest and the first step since the last change: of each, the middle one of its layers."""
        moving = [place for place, layer in enumerate(self._layers) if not layer.frozen]
        if not ratios.size or not moving:
            return
        middles = medians(ratios[:, moving].T)
        self._largest_step = float(np.fmax(self._largest_step, middles.max()))
        if isnan(self._first_step) and self._steps[0].learning_rate > 0:
            self._first_step = float(middles[0] * rate / self._steps[0].learning_rate)


def _facts(model: Sequential) -> Iterator[LayerFacts]:
    """What rules need to know of the layers that learn."""
    for leaf in model.learning_layers:
        parameters, activation = leaf.layer.parameters, model.activation_of(leaf)
        yield LayerFacts(
            leaf.label,
            sum(parameter.size for parameter in parameters),
            activation.text if activation else "",
            "he" if activation and activation.layer.suits == "he_normal" else "xavier",
            all(parameter.frozen for parameter in parameters),
        )
