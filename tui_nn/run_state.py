"""All that the screen knows of a run. Events are its only writers."""

from collections import deque
from dataclasses import dataclass, field, fields
from math import hypot
from statistics import median
from typing import Any, Literal, NamedTuple, assert_never, final

import msgspec
import numpy as np

from engine.health.verdict import Verdict
from engine.hyperparameters import Hyperparameter
from engine.training import events as e
from engine.training.history import History
from tui_nn.layer_history import LayerHistory
from tui_nn.tally_history import TallyHistory

Phase = Literal["preparing", "running", "paused", "ended", "failed"]

WINDOW = 100
"""Reports that the range of a gradient norm covers: about the last five seconds."""

MARKS = 1000
"""Ends of epochs, and changes, that are kept: more than a screen has columns."""


class LoggedVerdict(NamedTuple):
    """A verdict that was raised (+) or cleared (-) at a step."""

    step: int
    sign: Literal["+", "-"]
    verdict: Verdict


@final
@dataclass(frozen=True, eq=False)
class RunBefore:
    """What is kept of an attempt after a restart, or of what a run went back from: its curves."""

    train_loss: History
    train_accuracy: History
    train_rmse: History
    validation_loss: History
    validation_accuracy: History
    validation_rmse: History
    learning_rates: History
    gradient_norm: History
    update_ratio: History
    speed: History


@dataclass(eq=False)
class RunState:
    """What was confirmed, never what was asked for. It outlives every screen."""

    phase: Phase = "preparing"
    preparation: e.PreparationAdvanced | e.DownloadAdvanced | None = None
    started: e.RunStarted | None = None
    """As it is now: changes of the network are taken over."""
    attempt: int = 0
    """How often the run has begun."""
    network: int = 0
    """How often the network has become another, other than by learning."""
    step: int = 0
    epoch: float = 0.0
    epochs: int = 0
    learning_rate: float = 0.0
    samples_per_second: float = 0.0
    steps_per_second: float = 0.0
    pace: float = 0.0
    train_loss: History = field(default_factory=History)
    train_accuracy: History = field(default_factory=History)
    validation_loss: History = field(default_factory=History)
    validation_accuracy: History = field(default_factory=History)
    train_rmse: History = field(default_factory=History)
    validation_rmse: History = field(default_factory=History)
    epochs_by_step: History = field(default_factory=History)
    learning_rates: History = field(default_factory=History)
    gradient_norm: History = field(default_factory=History)
    update_ratio: History = field(default_factory=History)
    speed: History = field(default_factory=History)
    before: RunBefore | None = None
    went_back: e.RunRewound | None = None
    epoch_steps: list[int] = field(default_factory=list)
    change_steps: list[int] = field(default_factory=list)
    changes: dict[int, list[str]] = field(default_factory=dict)
    story: deque[str] = field(default_factory=lambda: deque(maxlen=MARKS))
    """All that was done to the run, also what was taken back, and what was found to be wrong: a line each."""
    abandoned: int = 0
    """The last step of what the run went back from."""
    gradient_norms: deque[tuple[e.Range, ...]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    update_ratios: deque[tuple[e.Range, ...]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    layer_norms: LayerHistory = field(default_factory=LayerHistory)
    """The largest gradient norms of each layer over the whole run."""
    hyperparameters: dict[str, Hyperparameter] = field(default_factory=dict)
    histograms: tuple[e.Histogram, ...] = ()
    prediction: e.DigitPredicted | None = None
    drawing: e.DrawingPredicted | None = None
    train_count: int = 0
    """Training samples, with those that were added and wait for the next epoch."""
    boundary: e.BoundaryMapped | None = None
    units: e.UnitsMapped | None = None
    errors: e.ErrorsMeasured | None = None
    picked: dict[str, e.SamplesPicked] = field(default_factory=dict)
    """By what was asked for: mistakes, a cell of the confusion matrix, suspected labels."""
    varied: e.DigitVaried | None = None
    explanation: e.DigitExplained | None = None
    layer: e.LayerInspected | None = None
    snapshots: dict[tuple[str, str], TallyHistory] = field(default_factory=dict)
    """By layer and what was counted: weights, gradients, activations."""
    message: str = ""
    message_count: int = 0
    trouble: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    """Those that stand, in the order in which they were raised."""
    verdict_log: deque[LoggedVerdict] = field(default_factory=lambda: deque(maxlen=MARKS))
    summary: dict[str, Any] = field(default_factory=dict)
    ending: Literal["", "done", "stopped", "interrupted", "failed"] = ""
    failure: e.RunFailed | None = None

    @property
    def seconds_left(self) -> float | None:
        """Until the last epoch at the present speed; None while that is unknown."""
        if self.started is None or not self.steps_per_second or self.phase != "running":
            return None
        steps = (self.epochs - self.epoch) * self._steps_per_epoch
        return max(0.0, steps / self.steps_per_second)

    @property
    def _steps_per_epoch(self) -> float:
        return self.train_count / self.hyperparameters["batch_size"].value

    def told_at(self, step: float, within: float) -> list[str]:
        """The epoch of a step, and what was changed so many steps around it."""
        epochs = self.epochs_by_step
        told = [f"epoch {np.interp(step, epochs.step, epochs.high):.1f}"] if len(epochs) else []
        return told + [text for at, texts in self.changes.items() if abs(at - step) <= within for text in texts]

    def apply(self, event: e.AnyEvent) -> None:
        """Take in what happened."""
        match event:
            case e.PreparationAdvanced(what=what) if self.started is not None and self.phase in ("running", "paused"):
                self._say(f"{what}, {event.done + 1} of {event.total}")
            case e.PreparationAdvanced() | e.DownloadAdvanced():
                self.phase = "preparing"
                self.preparation = event
                self.trouble = ""
            case e.DownloadFailed(message=message):
                self.phase = "failed"
                self.trouble = message
            case e.RunStarted():
                self._start(event)
            case e.StepsEnded():
                self._take_steps(event)
            case e.Evaluated(step=step, split="validation"):
                # What was changed at that step is another run from there on, which an undo takes back with it.
                at = step + 0.5 if step in self.changes else step
                self.validation_loss.append(at, event.loss)
                self.validation_accuracy.append(at, event.accuracy)
                self.validation_rmse.append(at, event.rmse)
            case e.Evaluated():
                pass
            case e.EpochEnded(step=step):
                self.epoch_steps.append(step)
                if len(self.epoch_steps) > MARKS:
                    del self.epoch_steps[::2]
                self.epoch = event.epoch
            case e.HyperparameterChanged(step=step, hyperparameter=hyperparameter, before=before):
                self.hyperparameters[hyperparameter.name] = hyperparameter
                if hyperparameter.name == "learning_rate":
                    self.learning_rate *= hyperparameter.value / before
                name = hyperparameter.name.replace("_", " ")
                self._say(f"{name} changed from {before:g} to {hyperparameter.value:g}")
                self._mark(step, f"{name} {before:g} to {hyperparameter.value:g}")
            case e.NetworkChanged(step=step):
                self._take_over(event)
                if event.what in ("activation", "weights"):
                    self._forget_norms()
                self._say(event.text)
                self._mark(step, event.text.replace(" changed from ", " "))
            case e.RunRewound(step=step):
                self._rewind(event)
                self._say(event.text)
                self._mark(step, event.text)
            case e.PaceChanged(epoch_seconds=pace):
                self.pace = pace
                self.samples_per_second = self.steps_per_second = 0.0
                self._say(f"slowed: an epoch takes at least {pace:g} s" if pace else "full speed")
            case e.CommandRefused(reason=reason) | e.CheckpointFailed(reason=reason):
                self._say(reason)
            case e.RunPaused(reason=reason):
                self.phase = "paused"
                self.trouble = reason
            case e.RunResumed():
                self.phase = "running"
                self.trouble = self.message = ""
            case e.CheckpointSaved(path=path, kind=kind):
                if kind == "asked":
                    self._say(f"saved {path}")
            case e.WeightsMeasured(step=step, histograms=histograms):
                self.histograms = histograms
                for item in histograms:
                    taken = self._snapshots_of(item.layer, "weights")
                    taken.append(step, item.low, item.high, item.counts, not_finite=item.not_finite)
            case e.DigitPredicted():
                self.prediction = event
            case e.DrawingPredicted():
                self.drawing = event
            case e.SampleAdded(label=label, train_count=count):
                self.train_count = count
                text = f"a sample of {self._class_name(label)} added"
                self._say(f"{text}: from epoch {event.epoch + 1} on {count:,} samples")
                self._mark(event.step, text)
            case e.BoundaryMapped():
                self.boundary = event
            case e.UnitsMapped():
                self.units = event
            case e.ErrorsMeasured():
                self.errors = event
            case e.SamplesPicked():
                self.picked[event.which] = event
            case e.DigitVaried():
                self.varied = event
            case e.DigitExplained():
                self.explanation = event
            case e.LayerInspected(step=step):
                self.layer = event
                for quantity in ("weights", "gradients", "activations"):
                    tally: e.Tally | None = getattr(event, quantity)
                    if tally is not None:
                        about = (step, tally.low, tally.high, tally.counts, tally.under, tally.over)
                        bad = tally.not_a_number + tally.infinite
                        self._snapshots_of(event.name, quantity).append(*about, not_finite=bad)
            case e.VerdictRaised(step=step, verdict=verdict):
                self.verdicts.append(verdict)
                self.verdict_log.append(LoggedVerdict(step, "+", verdict))
                self.story.append(f"step {step:,}: {verdict.level}: {verdict.text}")
            case e.VerdictCleared(step=step, verdict=verdict):
                self.verdict_log.append(LoggedVerdict(step, "-", verdict))
                self.story.append(f"step {step:,}: no longer: {verdict.place}")
                ended = (verdict.rule, verdict.layer)
                self.verdicts = [other for other in self.verdicts if (other.rule, other.layer) != ended]
            case e.RemedyApplied(step=step, remedy=remedy):
                self._say(f"done: {remedy}")
                self.story.append(f"step {step:,}: remedy: {remedy}")
            case e.RunEnded(summary=summary, message=message):
                self.ending = event.reason
                self.phase = "ended" if summary else "failed"
                self.message = ""
                self.summary = summary
                self.trouble = message
            case e.RunFailed():
                self.phase = "failed"
                self.failure = event
                self.trouble = event.message
            case _:
                assert_never(event)

    def _snapshots_of(self, layer: str, quantity: str) -> TallyHistory:
        return self.snapshots.setdefault((layer, quantity), TallyHistory())

    def _say(self, text: str) -> None:
        """Counted, so that the same words said again are seen to be new."""
        self.message = text
        self.message_count += 1

    def _mark(self, step: int, text: str) -> None:
        """Keep what was changed at a step."""
        self.story.append(f"step {step:,}: {text}")
        if self.change_steps[-1:] != [step]:
            self.change_steps.append(step)
            del self.change_steps[:-MARKS]
        self.changes.setdefault(step, []).append(text)
        if len(self.changes) > MARKS:
            del self.changes[min(self.changes)]

    def _rewind(self, event: e.RunRewound) -> None:
        """What came after that step becomes the run before."""
        self._take_over(event)
        self.went_back = event
        self.train_count = event.train_count
        step, self.step, self.epoch, self.epochs = event.step, event.step, event.epoch, event.epochs
        self.abandoned = max(self.abandoned, event.from_step)
        self.before = RunBefore(**{item.name: getattr(self, item.name).part_off(step) for item in fields(RunBefore)})
        self.epochs_by_step.part_off(step)
        self.learning_rate = float(self.learning_rates.mean[-1]) if len(self.learning_rates) else 0.0
        self.epoch_steps = [at for at in self.epoch_steps if at <= step]
        kept = (entry for entry in self.verdict_log if entry.step <= step)
        self.verdict_log = deque(kept, maxlen=MARKS)
        # A checkpoint of a step is from before the changes there.
        self.change_steps = [at for at in self.change_steps if at < step]
        self.changes = {at: texts for at, texts in self.changes.items() if at < step}
        # Measured of a network that is no more: the engine knows nothing of these samples.
        self.errors, self.picked = None, {}
        self._forget_norms()
        self.layer_norms.forget_after(step)
        for taken in self.snapshots.values():
            taken.forget_after(step)
        self.phase, self.trouble, self.ending, self.summary = "running", "", "", {}

    def _forget_norms(self) -> None:
        """Norms of two networks have no median."""
        self.gradient_norms.clear()
        self.update_ratios.clear()

    def _take_over(self, event: e.NetworkChanged | e.RunRewound) -> None:
        """The network as it is now."""
        self.network += 1
        rates = [items.get("learning_rate") for items in (_by_name(event.hyperparameters), self.hyperparameters)]
        if rates[0] is not None and rates[1] is not None:
            self.learning_rate *= rates[0].value / rates[1].value
        assert self.started is not None
        self.started = msgspec.structs.replace(self.started, layers=event.layers, config=event.config)
        self.hyperparameters = _by_name(event.hyperparameters)

    def _start(self, event: e.RunStarted) -> None:
        anew = RunState(pace=self.pace, message_count=self.message_count, attempt=self.attempt + 1, before=self._kept())
        anew.story = self.story
        vars(self).update(vars(anew))
        if self.attempt > 1:
            self.story.append("the run began again")
        self.started = event
        self.train_count = event.train_count
        self.phase = "running"
        self.step, self.epoch, self.epochs = event.step, event.epoch, event.epochs
        self.hyperparameters = _by_name(event.hyperparameters)
        self._say(" ".join(event.notices))

    def _class_name(self, label: int) -> str:
        return self.started.class_names[label] if self.started is not None else str(label)

    def _kept(self) -> RunBefore | None:
        """The curves so far; where there are none yet, those of the attempt before."""
        if not len(self.train_loss):
            return self.before
        return RunBefore(**{item.name: getattr(self, item.name) for item in fields(RunBefore)})

    def _take_steps(self, event: e.StepsEnded) -> None:
        self.step, self.epoch, self.epochs = event.step, event.epoch, event.epochs
        self.train_loss.append(event.step, event.loss.mean, event.loss.low, event.loss.high)
        self.train_accuracy.append(event.step, event.accuracy)
        self.train_rmse.append(event.step, event.rmse)
        self.gradient_norms.append(event.gradient_norms)
        self.epochs_by_step.append(event.step, event.epoch)
        self.learning_rates.append(event.step, event.learning_rate)
        if event.gradient_norms:
            self.gradient_norm.append(event.step, *_of_all(event.gradient_norms))
            self.layer_norms.append(event.step, np.array([norm.high for norm in event.gradient_norms]))
        if event.update_ratios:
            self.update_ratio.append(event.step, *_over_layers(event.update_ratios))
            self.update_ratios.append(event.update_ratios)
        self.speed.append(event.step, event.samples / event.seconds)
        self.learning_rate = event.learning_rate
        # A mean over about a second: the figure should be read, not chased.
        share = min(1.0, event.seconds) if self.samples_per_second else 1.0
        self.samples_per_second += share * (event.samples / event.seconds - self.samples_per_second)
        count = event.step - event.first_step + 1
        self.steps_per_second += share * (count / event.seconds - self.steps_per_second)


def _by_name(hyperparameters: tuple[Hyperparameter, ...]) -> dict[str, Hyperparameter]:
    return {item.name: item for item in hyperparameters}


def _of_all(norms: tuple[e.Range, ...]) -> tuple[float, float, float]:
    """The norm of the whole gradient from those of its layers: the root of the sum of their squares.

    Exact for one step. Of several, the roots of the mean norms' squares and of the extremes' bound what there was.
    """
    return hypot(*(n.mean for n in norms)), hypot(*(n.low for n in norms)), hypot(*(n.high for n in norms))


def _over_layers(ratios: tuple[e.Range, ...]) -> tuple[float, float, float]:
    """The median layer's mean, and the extremes of all layers."""
    return median(r.mean for r in ratios), min(r.low for r in ratios), max(r.high for r in ratios)
