"""One run after the other, with the same trainer that the dashboard has."""

from collections.abc import Callable
from math import inf, isfinite, nan
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from engine import datasets
from engine.datasets import Dataset
from engine.datasets.splits import with_few_samples
from engine.errors import UserError
from engine.studies.figures import CURVES
from engine.studies.gradients import bias_gradient_norms
from engine.studies.result import Outcome, Result, first_reached, gather
from engine.studies.study import Case, Plan, Study
from engine.training import events as e
from engine.training.commands import AnyCommand
from engine.training.config import Config
from engine.training.learner import Learner
from engine.training.obtaining import GivenUp, Obtaining
from engine.training.trainer import Trainer


class RunBegan(NamedTuple):
    """The run `number` of `total` begins, counted from 1."""

    number: int
    total: int
    case: Case
    seed: int


class RunAdvanced(NamedTuple):
    """A share of the run is done; `what` says what goes on where it is not training."""

    share: float
    what: str = ""


class RunFinished(NamedTuple):
    """The run is over."""

    number: int
    total: int
    case: Case
    outcome: Outcome


Progress = RunBegan | RunAdvanced | RunFinished | e.DownloadAdvanced
Tell = Callable[[Progress], None]


class StudyFailed(RuntimeError):
    """A run could not go on, through no fault of its settings."""


def run_study(plan: Plan, tell: Tell, commands: "SimpleQueue[AnyCommand] | None" = None) -> Result:
    """Every case with every seed. A `Stop` in the queue ends the run or download that goes on, and with it the study.

    Data sets that are not here are downloaded before the first run. What is wrong with a setting is found before it
    too: raises UserError that names the case. Raises StudyFailed where a run fails otherwise; a run that diverges is an
    outcome.
    """
    began = perf_counter()
    queue: SimpleQueue[AnyCommand] = SimpleQueue() if commands is None else commands
    outcomes: list[Outcome] = []
    try:
        _check(plan, Obtaining(_Listener(plan.study, tell).take, queue))
    except GivenUp:
        return gather(plan, outcomes, perf_counter() - began)
    for number, (case, config) in enumerate(plan.runs, 1):
        tell(RunBegan(number, len(plan.runs), case, config.seed))
        run = _measure if plan.study.curve == "bias_gradient" else _train
        outcome = run(plan.study, case, config, tell, queue)
        if outcome is None:
            break
        outcomes.append(outcome)
        tell(RunFinished(number, len(plan.runs), case, outcome))
    return gather(plan, outcomes, perf_counter() - began)


def _check(plan: Plan, obtaining: Obtaining) -> None:
    """Get all data and build every network once.

    Raises UserError that names the case, StudyFailed for a download that failed, GivenUp for one that was ended.
    """
    loaded: dict[tuple[str, int], Dataset] = {}
    for case in plan.cases:
        key = (case.config.dataset, case.config.samples)
        try:
            if key not in loaded:
                obtaining.obtain(case.config, linger=False, fallback=False)
                loaded[key] = with_few_samples(datasets.load(key[0]), key[1])
            learner = Learner(case.config, loaded[key])
            if plan.study.curve == "bias_gradient":
                bias_gradient_norms(learner.model, learner.loss, loaded[key])
            for name in (plan.study.curve, *plan.study.columns):
                _require_answers(name, loaded[key])
        except datasets.MissingData as error:
            raise StudyFailed(f"study {plan.name}: {case.name}: {error}") from None
        except UserError as error:
            raise UserError(f"study {plan.name}: {case.name}: {str(error).removeprefix('--')}") from None


def _require_answers(name: str, dataset: Dataset) -> None:
    """Raise UserError for an accuracy of numbers, or a root mean square error of classes."""
    numbers = dataset.target is not None
    if name.endswith("_accuracy" if numbers else "_rmse"):
        what = "are numbers, whose error is a _rmse" if numbers else "are classes, which have an _accuracy"
        raise UserError(f"{name}: the answers of {dataset.name} {what}")


def _measure(
    study: Study, case: Case, config: Config, tell: Tell, commands: "SimpleQueue[AnyCommand]"
) -> Outcome | None:
    """The gradient before the first step; None where it was told to stop."""
    if not commands.empty():
        return None
    began = perf_counter()
    dataset = with_few_samples(datasets.load(config.dataset), config.samples)
    learner = Learner(config, dataset)
    norms = bias_gradient_norms(learner.model, learner.loss, dataset)
    ratio = norms[-1] / norms[0] if norms[0] else inf
    x = tuple(float(layer) for layer in range(1, len(norms) + 1))
    return Outcome(case.label, config.seed, {"ratio": ratio}, x, tuple(norms), seconds=perf_counter() - began)


def _train(study: Study, case: Case, config: Config, tell: Tell, commands: "SimpleQueue[AnyCommand]") -> Outcome | None:
    """A whole training; None where it was told to stop."""
    listener = _Listener(study, tell)
    with TemporaryDirectory(prefix="tui-nn-study-") as folder:
        # A report at an infinite interval comes at the quarters of an epoch: the same points in every run.
        trainer = Trainer(
            config,
            listener.take,
            commands,
            name=case.label,
            checkpoint=Path(folder) / "last.safetensors",
            report_interval_s=inf,
        )
        trainer.run()
    if listener.failed is not None:
        raise StudyFailed(f"study: {case.name}, seed {config.seed}: {listener.failed.message}")
    ended = listener.ended
    assert ended is not None
    if ended.reason not in ("done", "failed"):
        return None
    x, y = listener.curve
    diverged = ended.step + 1 if ended.reason == "failed" else None
    figures = {} if diverged else _figures(study, ended, x, y)
    return Outcome(case.label, config.seed, figures, x, y, diverged, ended.summary["seconds"])


def _figures(study: Study, ended: e.RunEnded, x: tuple[float, ...], y: tuple[float, ...]) -> dict[str, float]:
    summary = ended.summary
    names = [f"{split}_{what}" for split in ("train", "validation", "test") for what in ("loss", "accuracy", "rmse")]
    figures = {name: float(summary[name]) for name in [*names, "steps", "seconds"]}
    figures["gap"] = figures["validation_loss"] - figures["train_loss"]
    reached = nan if study.target is None else first_reached(x, y, study.target, CURVES[study.curve])
    return {name: value for name, value in {**figures, "reached": reached}.items() if isfinite(value)}


class _Listener:
    """Takes a trainer's events: the points of the curve, and how it ended."""

    def __init__(self, study: Study, tell: Tell) -> None:
        self.ended: e.RunEnded | None = None
        self.failed: e.RunFailed | None = None
        self._study, self._tell = study, tell
        self._points: dict[float, float] = {}

    @property
    def curve(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """x and y of what was told, finite ones alone."""
        points = [(x, y) for x, y in sorted(self._points.items()) if isfinite(y)]
        return tuple(x for x, _ in points), tuple(y for _, y in points)

    def take(self, event: e.AnyEvent) -> None:
        """One event of the run."""
        split, _, what = self._study.curve.partition("_")
        match event:
            case e.PreparationAdvanced():
                self._tell(RunAdvanced(0.0, event.what))
            case e.DownloadAdvanced():
                self._tell(event)
            case e.StepsEnded():
                self._tell(RunAdvanced(event.epoch / event.epochs))
                if self._study.by == "step" and split == "train":
                    self._points[event.step] = event.loss.mean if what == "loss" else getattr(event, what)
            case e.Evaluated() if self._study.by == "step" and event.split == split == "validation":
                self._points[event.step] = getattr(event, what)
            case e.EpochEnded() if self._study.by == "epoch":
                self._points[event.epoch] = getattr(event, self._study.curve)
            case e.RunEnded():
                self.ended = event
            case e.RunFailed():
                self.failed = event
            case _:
                pass
