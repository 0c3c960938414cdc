"""A network with all that one training step needs, and nothing that needs a thread, a clock or a disk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from math import isfinite, nan, prod, sqrt
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from engine.arrays import Array
from engine.augmentations import make_augmentation
from engine.datasets.base import Dataset, Split
from engine.datasets.batches import epoch_order
from engine.errors import UserError, unknown
from engine.expressions import make_one
from engine.health.cost import multiplications
from engine.hyperparameters import Hyperparameter, tunable, tunables
from engine.layers import Layer
from engine.losses import losses
from engine.machine import memory_bytes
from engine.model import Sequential, require_output
from engine.optimizers import optimizers
from engine.plain_step import Batch, PlainStep, Step, StepResult
from engine.schedules import schedule
from engine.search_step import SearchStep
from engine.strategies import strategies
from engine.training.added_samples import MOST, AddedSample, require_fitting, with_samples
from engine.training.config import Config, going_on
from engine.training.fitting import REMEDY, describe_answers, fit_to_data, output_shape
from engine.training.weights import Weights, put_weights

if TYPE_CHECKING:
    from engine.kernels.compiled import phase
    from engine.kernels.crew import Crew
    from engine.stages.step import CompiledForward

EVALUATED, FEW = 250, 8
"""Samples that a compiled pass takes, of a split and of what somebody looks at: it takes as long for less."""

REUSES = 4
"""Times that a sample uses a weight, on average, from which on it pays to pack all weights for FEW samples."""

SIGNAL_BYTES = 8
"""Of each number that a layer gives: itself and its gradient, in float32."""

LOWEST_DROPOUT, HIGHEST_DROPOUT = 0.0, 1.0


@dataclass
class StepSettings:
    """The tunable numbers that belong to the step itself, neither to the optimizer nor to a layer."""

    batch_size: float = tunable(32, low=1, high=65536, scale="log2", help="samples a step")
    clip_norm: float = tunable(0.0, low=1e-3, high=1e3, zero=True, help="largest global norm of the gradient")


class StepFigures(NamedTuple):
    """What one step showed; `score` is `Loss.score` of its batch.

    Norms are of the gradient before clipping, by learning layer; update ratios as in `StepsEnded`; a search has none.
    `trouble` says what was not finite; the weights were then left as they were.
    """

    loss: float
    score: float
    samples: int
    norms: Array
    learning_rate: float
    update_ratios: Array
    trouble: str = ""


@dataclass
class EpochSums:
    """The running sums of the epoch so far, for its mean loss and metric."""

    loss: float = 0.0
    score: float = 0.0
    count: int = 0


@dataclass
class Position:
    """Where training stands: steps taken, epochs ended, samples of this epoch used."""

    step: int = 0
    epoch: int = 0
    sample: int = 0
    sums: EpochSums = field(default_factory=EpochSums)


class Learner:
    """Model, loss, optimizer, schedule and the place in the data.

    The order of an epoch's samples is a function of seed and epoch, so `position` is all that resuming needs.
    Raises UserError for a configuration that does not fit itself or the data.
    """

    def __init__(self, config: Config, dataset: Dataset) -> None:
        self.config = config = fit_to_data(config, dataset)
        self.dataset = self.given = dataset
        self.added: list[AddedSample] = []
        """Samples that were added to the training split of `dataset`, and behind them those that wait for an epoch."""
        self.loss = make_one(config.loss, losses)
        self.model = Sequential(config.model, dataset.input_shape, init=config.init, seed=config.seed)
        require_output(self.model, output_shape(self.loss, dataset), describe_answers(dataset), REMEDY)
        self.optimizer = make_one(config.optimizer, optimizers)
        self.schedule = schedule(config.schedule)
        self.augmentation = make_augmentation(config.augment, dataset)
        self.search = make_one(config.strategy, strategies)
        if self.search is not None and self.augmentation is not None:
            raise UserError(f"--augment {config.augment}: {config.strategy} compares weights on samples as they are")
        self.settings = StepSettings()
        self.position = Position()
        self._dropout_chosen = False
        self.optimizer.start(self.model.values)
        self._apply_config()
        _require_memory(self.model, max(int(self.settings.batch_size), EVALUATED))
        counts = [len(leaf.layer.parameters) for leaf in self.model.learning_layers]
        self._first_parameters = np.cumsum([0, *counts[:-1]])
        self._orders: dict[int, Array] = {}
        self.threads = 1
        """Cores that steps share; to be set before the first one. What they compute does not depend on it."""
        self._crew: Crew | None = None
        self._steps: dict[int, Step] = {}
        self._search_step: SearchStep | None = None
        self._forwards: dict[int, CompiledForward] = {}
        self.renew_steps()

    @property
    def present_config(self) -> Config:
        """That of a run which begins as this one is now."""
        return going_on(self.config, self.chosen)

    @property
    def steps_per_epoch(self) -> int:
        """Steps that an epoch takes with the present batch size; the last one may be smaller."""
        return -(-len(self.dataset.train) // int(self.settings.batch_size))

    @property
    def epoch(self) -> float:
        """Epochs trained, with the fraction of the present one."""
        return self.position.epoch + self.position.sample / len(self.dataset.train)

    @property
    def hyperparameters(self) -> list[Hyperparameter]:
        """All that may change between two steps, with present values."""
        if self.search is not None:
            # No optimizer, nothing to clip, and no unit is left out of a comparison.
            batch = next(item for item in tunables(self.settings) if item.name == "batch_size")
            batch = msgspec.structs.replace(batch, help="an epoch is as many tries as there are batches of this size")
            return [*tunables(self.search), batch, *tunables(self.loss)]
        found = [*tunables(self.optimizer), *tunables(self.settings)]
        if self.model.dropouts:
            found.append(self._dropout())
        return [*found, *tunables(self.loss), *tunables(self.augmentation)]

    @property
    def chosen(self) -> dict[str, float]:
        """The values for a run that goes on or begins anew; dropout only once it was set, for its layers may differ."""
        values = {item.name: item.value for item in self.hyperparameters}
        return values if self._dropout_chosen else {name: values[name] for name in values if name != "dropout"}

    def hyperparameter(self, name: str) -> Hyperparameter:
        """The hyperparameter of that name, as it is now. Raises UserError for an unknown name."""
        by_name = {item.name: item for item in self.hyperparameters}
        if name not in by_name:
            raise unknown("hyperparameter", name, by_name)
        return by_name[name]

    def set(self, name: str, value: object) -> Hyperparameter:
        """Change a hyperparameter; returns it as it is now. Raises UserError for an unknown name or a bad value."""
        name = "learning_rate" if name == "lr" else name
        number = self.hyperparameter(name).checked(value)
        # Without those that were added, so that a run begins anew, or goes on, with any batch size that it had.
        count = len(self.given.train)
        if name == "batch_size" and number > count:
            raise UserError(f"batch_size {value!r}: more than the {count} training samples of {self.dataset.name}")
        if name == "dropout":
            self._dropout_chosen = True
            for layer in self.model.dropouts:
                layer.p = number
        for holder in (self.search or self.optimizer, self.settings, self.loss, self.augmentation):
            if any(item.name == name for item in tunables(holder)):
                setattr(holder, name, number)
        return self.hyperparameter(name)

    @property
    def added_count(self) -> int:
        """How many of the samples that were added are trained on; the others wait for the next epoch."""
        return len(self.dataset.train) - len(self.given.train)

    def add(self, sample: AddedSample) -> None:
        """Train on it from the next epoch on, or from this one if that has not begun. Raises UserError."""
        require_fitting(sample, self.dataset)
        if len(self.added) == MOST:
            raise UserError(f"{MOST:,} samples were added: no more are taken")
        self.added.append(sample)

    def put_samples(self, samples: Sequence[AddedSample], count: int) -> None:
        """Have these as the samples that were added, the first `count` of them in the training split."""
        self.added = list(samples)
        self.dataset = with_samples(self.given, self.added[:count])
        # The order of an epoch is a function of their number, and steps read from the split that was.
        self._orders = {}
        self.renew_steps()

    def replace_model(self, config: Config) -> None:
        """Another model with the same parameters, which keep their values, as does all other state."""
        before, self.config = self.model, config
        self.model = Sequential(config.model, self.dataset.input_shape, init=config.init, seed=config.seed)
        put_weights(self.model, Weights(before.values, before.buffers))
        for name, parameter in self.model.parameters.items():
            parameter.frozen = before.parameters[name].frozen
        for now, dropout in zip(self.model.dropouts, before.dropouts, strict=True):
            now.p, now.draws = dropout.p, dropout.draws
        self.renew_steps()

    def renew_steps(self) -> None:
        """Have steps made anew: what they were made from is another."""
        self._steps, self._forwards = {}, {}
        vars(self).pop("not_compiled", None)
        if self.search is not None:
            measure = partial(self._measure, self.dataset.train, len(self.dataset.train))
            self._search_step = SearchStep(self.model, self.loss, self.search, measure)

    def train_step(self, epochs: int) -> StepFigures:
        """One batch forward and back, and one update, of a run planned for so many epochs; or one try of a search."""
        return self.train_steps(epochs, 1)[0]

    def train_steps(self, epochs: int, most: int) -> list[StepFigures]:
        """The next steps of this epoch, as many as are taken in one go, at most so many; none behind one in trouble."""
        position = self.position
        if position.sample == 0 and self.added_count < len(self.added):
            self.put_samples(self.added, len(self.added))
        samples, size = len(self.dataset.train), int(self.settings.batch_size)
        count = min(size, samples - position.sample)
        step = self._step(count)
        row = range(max(1, min(most, step.in_a_row, (samples - position.sample) // size)))
        batches = [self._batch(position.epoch, position.sample + place * size, position.step + place) for place in row]
        after, behind = position.sample + len(row) * count, position.step + len(row)
        following = self._batch(position.epoch, after, behind) if after < samples else None
        if following is None and position.epoch + 1 < epochs:
            following = self._batch(position.epoch + 1, 0, behind)
        factors = [
            self.schedule(position.step + place, position.epoch + (position.sample + place * size) / samples, epochs)
            for place in row
        ]
        results = step.run_row(batches, following, factors, self.settings.clip_norm)
        return self._take(results, factors, count)

    def evaluate(self, split: Split, limit: int | None = None) -> tuple[float, float, int]:
        """Mean loss, metric and count over (the first `limit` samples of) a split, without dropout."""
        loss, score, count = self._measure(split, min(len(split), limit or len(split)))
        return loss, self.metric(score, count) if count else nan, count

    def metric(self, score: float, count: int) -> float:
        """From the sum of `Loss.score`: the accuracy, or the root mean square error in the target's unit."""
        target = self.dataset.target
        return score / count if target is None else target.std * sqrt(score / count)

    def told(self, metric: float) -> tuple[float, float]:
        """The metric as accuracy and root mean square error: NaN for the one that the answers do not have."""
        return (metric, nan) if self.dataset.target is None else (nan, metric)

    def estimate(self, x: Array) -> Array:
        """What the network says of the target for each sample, in its own unit.   x: (batch, ...) → (batch,)"""
        target = self.dataset.target
        assert target is not None, "labels are classes"
        return self.outputs(x)[:, 0].astype(np.float64) * target.std + target.mean

    def outputs(self, x: Array) -> Array:
        """What the model gives for each sample, without dropout.   (batch, ...) → (batch, outputs)"""
        forward, at_once = self._pass_for(len(x))
        return np.concatenate([forward(x[at : at + at_once]).copy() for at in range(0, len(x), at_once)])

    def predict(self, x: Array) -> tuple[Array, Array]:
        """The class that each sample is taken for, (batch,), and what speaks for each class, (batch, classes)."""
        outputs = self.outputs(x)
        return self.loss.chosen(outputs), self.loss.probabilities(outputs)

    def activations(self, x: Array, wanted: Sequence[Layer]) -> list[Array]:
        """What these layers give for up to EVALUATED samples, without dropout; channels last, and not to be kept.

        None where training is not compiled: a step that leaves no room for looking is left alone.
        """
        if self.not_compiled:
            return []
        forward = self._compiled_forward()
        forward.outputs(x)
        return [forward.given(layer, len(x)) for layer in wanted]

    @property
    def phases(self) -> "list[phase]":
        """The compiled code that training and evaluation consist of; none where they run in NumPy."""
        if self.not_compiled:
            return []
        if self.search is not None:
            return self._compiled_forward().phases
        from engine.stages.step import CompiledStep

        step = self._step(min(int(self.settings.batch_size), len(self.dataset.train)))
        assert isinstance(step, CompiledStep)
        return list(dict.fromkeys([*step.phases, *self._compiled_forward().phases]))

    @cached_property
    def not_compiled(self) -> str:
        """The layer or optimizer that has no compiled form, so that all runs in NumPy; "" if all have."""
        # Not above: it loads the compiler, which takes longer than drawing a first frame.
        from engine.stages.step import missing

        return missing(self.model, self.optimizer)

    @property
    def crew(self) -> "Crew":
        """The threads that share the steps; they begin when they are first asked for."""
        if self._crew is None:
            from engine.kernels.crew import Crew

            self._crew = Crew(self.threads)
        return self._crew

    def close(self) -> None:
        """Let the threads go. The next step would begin anew with others."""
        if self._crew is not None:
            self._crew.close()
        self._crew, self._steps, self._forwards = None, {}, {}

    def _pass_for(self, samples: int) -> tuple[Callable[[Array], Array], int]:
        """What gives the outputs of so many samples soonest, to be used before its next call; how many at a time."""
        if self._worth_compiling(samples):
            return self._compiled_forward(EVALUATED).outputs, EVALUATED
        if not self.not_compiled and self._reuses_weights:
            return self._compiled_forward(FEW).outputs, FEW
        return lambda x: self.model.forward(x, training=False)[0], EVALUATED

    def _worth_compiling(self, samples: int) -> bool:
        """Whether so many go through the network faster in the compiled form, which always takes EVALUATED."""
        return samples * 4 >= EVALUATED and not self.not_compiled

    @property
    def _reuses_weights(self) -> bool:
        """As convolutions do; in others NumPy takes a few samples as fast as their weights are packed."""
        return multiplications(self.model) >= REUSES * self.model.values.size

    def _compiled_forward(self, batch: int = EVALUATED) -> "CompiledForward":
        if batch not in self._forwards:
            from engine.stages.step import CompiledForward

            self._forwards[batch] = CompiledForward(self.model, batch, self.crew, self.loss)
        return self._forwards[batch]

    def _step(self, count: int) -> Step:
        """The step for batches of that size. Those of an epoch have two: the last one may be smaller."""
        if self._search_step is not None:
            return self._search_step
        if count not in self._steps:
            while len(self._steps) > 1:
                self._steps.pop(next(iter(self._steps)))
            parts = (self.model, self.loss, self.optimizer, self.dataset.train, self.augmentation)
            if self.not_compiled:
                self._steps[count] = PlainStep(*parts)
            else:
                from engine.stages.step import CompiledStep

                self._steps[count] = CompiledStep(*parts, count, self.crew)
        return self._steps[count]

    def _layer_norms(self, squares: Array) -> Array:
        """Norms by step and learning layer, from the square sums of its parameters; none of none."""
        norms: Array = np.sqrt(np.add.reduceat(squares, self._first_parameters, axis=1)) if squares.size else squares
        return norms

    def _update_ratios(self, changes: Array, sizes: Array) -> Array:
        """By step and learning layer, from the square sums of its weight, which is its first parameter.

        0 where nothing moved, whatever there was to move.
        """
        changes, sizes = changes[:, self._first_parameters], sizes[:, self._first_parameters]
        ratios: Array = np.sqrt(np.divide(changes, sizes, out=np.where(changes > 0, np.inf, 0.0), where=sizes > 0))
        return ratios

    def _measure(self, split: Split, count: int) -> tuple[float, float, int]:
        """Mean loss, sum of `Loss.score` and count over the first samples of a split, without dropout."""
        if self._worth_compiling(count) and self._compiled_forward().measures:
            total, score = self._compiled_forward().measure(split, count)
            return total / count, score, count
        total, score = 0.0, 0.0
        for start in range(0, count, EVALUATED):
            stop = min(start + EVALUATED, count)
            labels, outputs = split.labels[start:stop], self.outputs(split.x[start:stop])
            value, _ = self.loss.forward(outputs, self.loss.targets(labels, outputs))
            total += value * len(labels)
            score += self.loss.score(outputs, labels)
        return total / count if count else nan, score, count

    def _batch(self, epoch: int, first: int, step: int) -> Batch:
        """The batch of an epoch that begins with its `first` sample."""
        if epoch not in self._orders:
            kept = {now: order for now, order in self._orders.items() if now == self.position.epoch}
            self._orders = kept | {epoch: epoch_order(len(self.dataset.train), self.config.seed, epoch)}
        chosen = self._orders[epoch][first : first + int(self.settings.batch_size)]
        return Batch(chosen, self.config.seed, epoch, step)

    def _take(self, results: Sequence[StepResult], factors: Sequence[float], count: int) -> list[StepFigures]:
        """What steps have shown, and on to the one behind them; behind one that was not finite there is none."""
        norms = self._layer_norms(np.array([result.gradient_squares for result in results]))
        changes = np.array([result.change_squares for result in results])
        sizes = np.array([result.weight_squares for result in results])
        ratios = self._update_ratios(changes, sizes) if norms.size else norms
        taken = []
        for result, factor, norm, ratio in zip(results, factors, norms, ratios, strict=False):
            rate = factor * self.optimizer.learning_rate if self.search is None else 0.0
            if result.finite:
                self._advance(result, count)
                taken.append(StepFigures(result.loss, result.score, result.samples, norm, rate, ratio))
            else:
                trouble = "the gradient" if isfinite(result.loss) else "the loss"
                taken.append(StepFigures(result.loss, 0.0, result.samples, norm, rate, np.zeros(0), trouble))
        return taken

    def _advance(self, result: StepResult, count: int) -> None:
        position = self.position
        position.step += 1
        position.sample += count
        position.sums.loss += result.loss * result.samples
        position.sums.score += result.score
        position.sums.count += result.samples

    def end_epoch(self) -> EpochSums | None:
        """The sums of the epoch that has just ended, and on to the next; None while one goes on."""
        if self.position.sample < len(self.dataset.train):
            return None
        sums = self.position.sums
        self.position = replace(self.position, epoch=self.position.epoch + 1, sample=0, sums=EpochSums())
        return sums

    def _dropout(self) -> Hyperparameter:
        first = self.model.dropouts[0]
        text = "share of units left out of a step"
        return Hyperparameter("dropout", first.p, LOWEST_DROPOUT, HIGHEST_DROPOUT, "linear", text)

    def _apply_config(self) -> None:
        """The configuration's numbers, checked as those that come later: an error names the option."""
        config = self.config
        parts: dict[str, object] = {"loss": self.loss, "augment": self.augmentation}
        parts |= {"optimizer": self.optimizer} if self.search is None else {"strategy": self.search}
        given = [
            (f"--{option} {getattr(config, option)}", item.name, item.value)
            for option, part in parts.items()
            for item in tunables(part)
        ]
        if config.lr is not None:
            given.append((f"--lr {config.lr:g}", "learning_rate", config.lr))
        given.append((f"--batch-size {config.batch_size}", "batch_size", config.batch_size))
        if config.clip_norm:
            given.append((f"--clip-norm {config.clip_norm:g}", "clip_norm", config.clip_norm))
        given += [(f"--set {name}={value:g}", name, value) for name, value in config.set.items()]
        for option, name, value in given:
            try:
                self.set(name, value)
            except UserError as error:
                raise UserError(f"{option}: {str(error).removeprefix(f'{name} {value!r}: ')}") from None


def _require_memory(model: Sequential, samples: int) -> None:
    """Raise UserError where there is no memory for what the layers give for so many samples at a time."""
    numbers = sum(prod(leaf.output_shape) for leaf in model.leaves)
    memory = memory_bytes()
    if memory is not None and numbers * samples * SIGNAL_BYTES > memory:
        raise UserError(
            f"the layers give {numbers:,} numbers for each sample; there is no memory for {samples} samples"
        )
