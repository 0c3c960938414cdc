"""The training loop: batches, steps, events; it obeys commands between steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Literal, assert_never

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from engine import datasets
from engine.datasets.splits import with_few_samples
from engine.errors import UserError
from engine.health.cost import step_seconds
from engine.health.doctor import Doctor
from engine.health.memory import Memory
from engine.health.record import EpochFigures
from engine.hyperparameters import Hyperparameter
from engine.machine import MOST_USEFUL, available_threads
from engine.training import commands as c
from engine.training import events as e
from engine.training.added_samples import AddedSample
from engine.training.changes import change
from engine.training.checkpoint import (
    Checkpoint,
    Progress,
    beside,
    load_checkpoint,
    pack,
    require_writable,
    restore,
    save_checkpoint,
    write,
)
from engine.training.command_log import Began, CommandLog, Ended, Obeyed, digest
from engine.training.config import Config
from engine.training.drawings import predict_drawing, predict_views
from engine.training.epoch_ends import EpochEnds
from engine.training.error_measurement import ErrorMeasurement
from engine.training.explanations import explain_digit
from engine.training.inspection import inspect_layer
from engine.training.learner import Learner, StepFigures
from engine.training.obtaining import GivenUp, Obtaining
from engine.training.picked_samples import pick_samples
from engine.training.preparation import prepare_change, prepare_kernels
from engine.training.probes import measure_weights, next_mistake, predict_sample
from engine.training.summary import Cost, describe_layers, run_started, summarize
from engine.training.surfaces import map_boundary, map_units
from engine.training.trail import Point, Trail
from engine.training.varied_digits import vary_digit
from engine.training.window import StepWindow

Status = Literal["running", "paused", "ended", "closed"]

HELD_S = 0.5
"""Changes of one number that follow each other so soon are one change: a key is held down."""

SAMPLE = 500
"""Validation samples that the figures between epochs rest on."""

ROW_S = 0.005
"""Steps are taken in one go for so long: their thread then seldom needs the interpreter, which a screen shares."""

SLOWER = 1.1
"""How much slower steps may seem from one go to the next: one that was held up says little of the others."""

ADDED = "sample"
"""What the trail calls the change that adds a sample."""


class Trainer:
    """One run, from data to its last checkpoint, in the thread that calls `run`.

    All that it knows of the world: `emit`, called with each event in that thread, and a queue of commands, which may
    be filled from any thread. `linger` keeps it answering after the end, until `Close` or `Detach`. A `rewindable` run
    leaves checkpoints on its way, in a folder beside its own. Commands are obeyed between rows of steps; with
    `one_by_one`, after each step.
    """

    def __init__(
        self,
        config: Config,
        emit: Callable[[e.AnyEvent], None],
        commands: "SimpleQueue[c.AnyCommand] | None" = None,
        *,
        name: str = "run",
        checkpoint: Path,
        resume: Checkpoint | None = None,
        linger: bool = False,
        paused: bool = False,
        report_interval_s: float = 0.05,
        pace: float = 0.0,
        rewindable: bool = False,
        one_by_one: bool = False,
    ) -> None:
        self._config = config
        self._emit = emit
        self._commands: SimpleQueue[c.AnyCommand] = SimpleQueue() if commands is None else commands
        self._obtaining = Obtaining(emit, self._commands)
        self._name = name
        self._path = self._first_path = checkpoint
        self._attempt = 1
        self._resume = resume
        self._linger = linger
        self._report_interval_s = report_interval_s
        self._pace = pace
        self._row_s = 0.0 if one_by_one else min(ROW_S, report_interval_s)
        self._step_s = inf  # unknown, as after each change: the next row is one step
        self._status: Status = "paused" if paused else "running"
        self._epochs = config.epochs
        self._steps_left: int | None = None
        self._pause_at_epoch_end = False
        self._progress = Progress(config.epochs)
        self._threads = config.threads
        self._seconds = 0.0
        self._samples = 0
        self._compile_seconds = 0.0
        self._window = StepWindow()
        self._next_step_at = 0.0
        self._digit = 0
        self._measurement: ErrorMeasurement | None = None
        self._measured: ErrorMeasurement | None = None
        self._epoch_ends = EpochEnds()
        self._notices: tuple[str, ...] = ()
        self._trouble = ""
        self._ended: e.RunEnded | None = None
        self._learner: Learner
        self._doctor: Doctor
        self._rewindable = rewindable
        self._trail: Trail | None = None
        self._log = CommandLog(checkpoint)

    def run(self) -> None:
        """Train until the end of the run (or, lingering, until closed). Mistakes and failures become `RunFailed`."""
        # Overflow is looked for where it matters, and warnings of this thread would be printed across the screen.
        with np.errstate(all="ignore"):
            try:
                self._read()
            except GivenUp as end:
                self._emit(e.RunEnded(0, "interrupted" if end.interrupted else "stopped", {}, str(end)))
                return
            except datasets.MissingData as error:
                self._emit(e.RunFailed(0, str(error)))
                return
            except UserError as error:
                self._emit(e.RunFailed(0, str(error), mistake=True))
                return
            except Exception as error:
                self._emit(e.RunFailed(0, f"{type(error).__name__}: {error}"))
                return
            try:
                # The crew's threads share the work; those of BLAS would only get in their way.
                with threadpool_limits(1):
                    self._compile_seconds = prepare_kernels(self._config, self._learner.dataset, self._emit)
                    self._begin_log()
                    self._tell_start()
                    while not self._over:
                        self._obey()
                        if self._status == "running":
                            self._advance()
            except UserError as error:
                self._emit(e.RunFailed(self._learner.position.step, str(error)))
            except Exception as error:  # a failing run is an event, never a dead program
                self._try_to_save("last")
                self._emit(e.RunFailed(self._learner.position.step, f"{type(error).__name__}: {error}"))
            finally:
                self._learner.close()
                if self._trail is not None:
                    self._trail.close()

    @property
    def step(self) -> int | None:
        """Steps taken; None before there is a network."""
        return self._learner.position.step if hasattr(self, "_learner") else None

    @property
    def weights(self) -> str:
        """The digest of all parameters and buffers."""
        return digest(self._learner)

    @property
    def _over(self) -> bool:
        return self._status == "closed" or (self._status == "ended" and not self._linger)

    def _read(self) -> None:
        # Weights that a checkpoint brings belong to its own data: of another set they may have seen the test digits.
        self._config = self._obtaining.obtain(self._config, linger=self._linger, fallback=self._resume is None)
        self._emit(e.PreparationAdvanced(0, 1, f"reading {self._config.dataset}"))
        self._learner = Learner(self._config, _read_data(self._config))
        require_writable(self._path)
        if self._resume is not None:
            restore(self._learner, self._resume)
            self._progress = self._resume.progress or self._progress
            if self._resume.training is None:
                self._notices = (f"{self._resume.path.name} has weights alone: the optimizer and the data begin anew",)
        self._threads = self._learner.threads = _threads(self._config)

    def _begin_log(self) -> None:
        """Of a resumed run, with all that the checkpoint brought: that file may be overwritten by then."""
        start = ""
        if self._resume is not None:
            path = beside(self._path, ".start")
            training = self._resume.training
            write(path, pack(self._learner, self._progress, training.health if training else Memory()))
            start = path.name
        about = (self._linger, self._status == "paused", self._pace, self._rewindable)
        with self._told_if_not_written():
            self._log.begin(Began(self._config, start, *about))

    @contextmanager
    def _told_if_not_written(self) -> Iterator[None]:
        """A full disk is no reason to stop learning."""
        try:
            yield
        except UserError as error:
            self._emit(e.CheckpointFailed(self._learner.position.step, str(error)))

    def _tell_start(self) -> None:
        learner = self._learner
        if self._rewindable:
            self._trail = Trail(self._path.with_name(f"{self._path.name.removesuffix('.safetensors')}.steps"))
        self._emit(run_started(learner, self._name, self._epochs, self._threads, self._compile_seconds, self._notices))
        resumed = self._resume.training if self._resume is not None and learner.position.step else None
        self._doctor = Doctor(learner, self._emit, resumed.health if resumed is not None else None)
        if learner.position.step == 0:
            self._keep_epoch_end()
            self._evaluate("validation", SAMPLE)
        if learner.position.epoch >= self._epochs:
            self._end("done")
        elif self._status == "paused":
            self._emit(e.RunPaused(learner.position.step))
        self._window = StepWindow()

    def _obey(self) -> None:
        """Do what the queue says; wait for it when there is nothing to train, or until the pace allows a step."""
        while not self._over:
            waits = self._status != "running"
            delay = self._next_step_at - perf_counter() if self._pace and not waits else 0.0
            idle = waits or delay > 0
            try:
                block = idle and self._measurement is None
                command = self._next_command(block=block, timeout=delay if delay > 0 else None)
            except Empty:
                if not idle or self._measurement is None:
                    return
                self._tell_errors(self._measurement.advance())
                continue
            step = self._learner.position.step
            try:
                self._apply(command)
            except UserError as error:
                self._emit(e.CommandRefused(step, str(error)))
                continue
            if isinstance(command, c.Steering):
                back_to = self._learner.position.step if isinstance(command, c.Undo | c.Rewind) else None
                with self._told_if_not_written():
                    self._log.add(Obeyed(step, command, back_to))

    def _next_command(self, block: bool, timeout: float | None) -> c.AnyCommand:
        """The oldest that has not been obeyed. Raises Empty."""
        held = self._obtaining.held
        return held.popleft() if held else self._commands.get(block=block, timeout=timeout)

    def _apply(self, command: c.AnyCommand) -> None:
        learner = self._learner
        match command:
            case c.Pause():
                self._pause()
            case c.Resume():
                self._go(None)
            case c.RunSteps(count):
                if count < 1:
                    raise UserError(f"steps {count}: must be 1 or more")
                self._go(count)
            case c.RunEpoch():
                if self._status == "ended":
                    self._epochs = max(self._epochs, learner.position.epoch + 1)
                    self._status = "paused"
                self._go(None)
                self._pause_at_epoch_end = True
            case c.Stop(interrupted):
                if self._status != "ended":
                    self._end("interrupted" if interrupted else "stopped")
            case c.Restart():
                self._restart()
            case c.BeginRun(config):
                self._begin(config)
            case c.ChooseDataset(name):
                raise UserError(f"data set {name}: it is chosen before a run begins")
            case c.Close():
                if self._status != "ended":
                    self._end("stopped")
                self._status = "closed"
            case c.Detach():
                self._detach()
            case c.SetHyperparameter(name, value):
                self._change(learner.hyperparameter(name), value)
            case c.StepHyperparameter(name, direction):
                hyperparameter = learner.hyperparameter(name)
                value = hyperparameter.stepped(direction)
                if value == hyperparameter.value:
                    end = "largest" if direction > 0 else "smallest"
                    raise UserError(f"{name.replace('_', ' ')} {value:g} is the {end} there is")
                self._change(hyperparameter, value)
            case (
                c.SetActivation()
                | c.Reinitialize()
                | c.Freeze()
                | c.SetSchedule()
                | c.SetOptimizer()
                | c.SetAugmentation()
            ):
                self._change_network(command)
            case c.ApplyRemedy():
                self._apply_remedy(command)
            case c.Undo():
                self._go_back(self._kept.latest_change(), undone=True)
            case c.Rewind(step):
                self._go_back(self._kept.at_or_before(step), undone=False)
            case c.SetPace(epoch_seconds):
                if not 0 <= epoch_seconds <= c.LONGEST_EPOCH_S:
                    raise UserError(
                        f"pace {epoch_seconds}: must be 0 (full speed) to {c.LONGEST_EPOCH_S} seconds an epoch"
                    )
                self._report()
                self._pace, self._next_step_at = epoch_seconds, perf_counter()
                self._emit(e.PaceChanged(epoch_seconds))
            case c.SaveCheckpoint():
                path = beside(self._path, f"-step{learner.position.step}")
                self._save(path, "asked")
            case c.MeasureWeights(bins):
                self._emit(e.WeightsMeasured(learner.position.step, measure_weights(learner, bins)))
            case c.PredictDigit(index):
                self._predict(self._digit if index is None else index)
            case c.StepDigit(direction):
                self._predict(self._digit + direction)
            case c.FindMistake():
                if learner.dataset.target is not None:
                    raise UserError("a number is never quite right: there is no next mistake")
                mistake = next_mistake(learner, self._digit)
                if mistake is None:
                    raise UserError("the network is right about every sample of the test split")
                self._predict(mistake)
            case c.PredictDrawing():
                self._emit(predict_drawing(learner, command))
            case c.PredictViews():
                self._emit(predict_views(learner, command))
            case c.AddSample(label, pixels):
                with self._checkpoint_before(ADDED):
                    learner.add(AddedSample(label, pixels))
                position = learner.position
                epoch = position.epoch + (1 if position.sample else 0)
                self._emit(e.SampleAdded(position.step, epoch, label, self._train_count))
            case c.MapBoundary():
                self._emit(map_boundary(learner, command))
            case c.MapUnits():
                self._emit(map_units(learner, command))
            case c.MeasureErrors():
                self._measurement = ErrorMeasurement(learner, command)
            case c.PickSamples():
                if self._measured is None:
                    raise UserError("no errors were measured yet that samples could be picked from")
                self._emit(pick_samples(self._measured, command))
            case c.VaryDigit(index):
                self._emit(vary_digit(learner, self._digit if index is None else index, command.variation))
            case c.ExplainDigit(index):
                self._emit(explain_digit(learner, command, self._digit if index is None else index, self._epoch_ends))
            case c.InspectLayer():
                self._emit(inspect_layer(learner, command, self._digit))
            case _:
                assert_never(command)

    def _advance(self) -> None:
        """A few steps, and what is due after them."""
        learner = self._learner
        if self._trail is not None and self._trail.due(learner.position.step):
            with self._told_if_not_written():
                self._trail.keep(learner, self._present_progress, self._health)
        began = perf_counter()
        if self._pace:
            # A late step is caught up with, but not more than a tenth of a second of them.
            share = learner.settings.batch_size / len(learner.dataset.train)
            self._next_step_at = max(self._next_step_at, began - 0.1) + self._pace * share
        steps = learner.train_steps(self._epochs, self._steps_until_due)
        seconds = perf_counter() - began
        self._seconds += seconds
        self._step_s = min(seconds / len(steps), SLOWER * self._step_s)
        trouble = steps.pop() if steps[-1].trouble else None
        for figures in steps:
            self._samples += figures.samples
            self._window.add(figures)
        self._doctor.add(steps)
        if self._steps_left is not None:
            self._steps_left -= len(steps)
        if trouble is not None:
            self._diverged(trouble)
            return
        if self._measurement is not None:
            self._tell_errors(self._measurement.step_ended(seconds))
        if learner.position.sample >= len(learner.dataset.train):
            self._end_epoch()
        elif learner.position.step % max(1, learner.steps_per_epoch // 4) == 0:
            self._report()
            self._evaluate("validation", SAMPLE)
        self._doctor.look_if_due()
        if self._status == "running" and self._steps_left == 0:
            self._pause()
        elif self._window.age_s >= self._report_interval_s:
            self._report()

    @property
    def _steps_until_due(self) -> int:
        """How many can be taken before anything may have to be done after one of them, by estimate for `_row_s`."""
        if self._pace or self._measurement is not None:
            return 1
        step, quarter = self._learner.position.step, max(1, self._learner.steps_per_epoch // 4)
        due = [int(self._row_s / self._step_s), quarter - step % quarter, self._doctor.next_look - step]
        if self._trail is not None:
            due.append(self._trail.next_due - step)
        if self._steps_left is not None:
            due.append(self._steps_left)
        return max(1, min(due))

    def _end_epoch(self) -> None:
        learner = self._learner
        self._report()
        sums = learner.end_epoch()
        assert sums is not None
        loss, metric = self._evaluate("validation")
        (train_accuracy, train_rmse), (accuracy, rmse) = map(
            learner.told, (learner.metric(sums.score, sums.count), metric)
        )
        position = learner.position
        self._keep_epoch_end()
        self._emit(
            e.EpochEnded(
                position.step,
                position.epoch,
                sums.loss / sums.count,
                train_accuracy,
                loss,
                accuracy,
                self._seconds,
                train_rmse,
                rmse,
            )
        )
        self._doctor.epoch_ended(EpochFigures(sums.loss / sums.count, loss, train_accuracy, accuracy))
        if learner.dataset.target is not None:
            accuracy = 0.0  # the loss alone says which is best
        best = self._progress
        if (accuracy, -loss) > (best.best_accuracy, -best.best_loss):
            self._progress = Progress(self._epochs, self._threads, accuracy, loss)
            self._try_to_save("best")
        if position.epoch >= self._epochs:
            self._end("done")
        elif self._pause_at_epoch_end:
            self._pause()

    def _keep_epoch_end(self) -> None:
        """For who looks back at a digit's path; nobody does without a screen."""
        if self._linger:
            self._epoch_ends.keep(self._learner)

    def _diverged(self, figures: StepFigures) -> None:
        step = self._learner.position.step
        self._report()
        remedy = self._doctor.diverged()
        what = f"{figures.trouble} is not finite in step {step + 1}"
        message = f"{what}: {remedy}. The step's update was left out."
        if self._linger:
            self._pause(message)
        else:
            self._end("failed", message)

    def _go(self, steps: int | None) -> None:
        if self._status == "ended":
            raise UserError("the run has ended; restart it, or train one more epoch")
        self._steps_left, self._pause_at_epoch_end = steps, False
        self._next_step_at = perf_counter()
        self._window.restart_clock()
        if self._status == "paused":
            self._status, self._trouble = "running", ""
            self._emit(e.RunResumed(self._learner.position.step))

    def _pause(self, reason: str = "") -> None:
        if self._status == "running":
            self._report()
            self._status, self._trouble = "paused", reason
            self._emit(e.RunPaused(self._learner.position.step, reason))

    def _detach(self) -> None:
        self._linger = False
        if self._trail is not None:
            self._trail.close()
            self._trail, self._rewindable = None, False
        self._pace, self._steps_left, self._pause_at_epoch_end = 0.0, None, False
        if self._status == "paused":
            self._end("failed" if self._trouble else "stopped", self._trouble)
        elif self._status == "running":
            self._report()
            self._try_to_save("last")

    def _restart(self) -> None:
        """Anew from the same seed, with the hyperparameters that the screen shows; what was learned so far is kept."""
        if self._status != "ended" and self._learner.position.step:
            self._try_to_save("last")
        frozen = self._learner.model.frozen
        learner = Learner(self._learner.present_config, self._learner.given)
        learner.put_samples(self._learner.added, len(self._learner.added))
        for place, parameter in enumerate(learner.model.parameters.values()):
            parameter.frozen = place in frozen
        self._begin_attempt(learner)

    def _begin(self, config: Config) -> None:
        """Another run in place of this one, which is kept; all that can go wrong does so before anything changes."""
        self._report()
        before, dataset, added = self._config, self._learner.given, self._learner.added
        try:
            if (config.dataset, config.samples) != (before.dataset, before.samples):
                config = self._obtaining.obtain(config, linger=False, fallback=False)
                self._emit(e.PreparationAdvanced(0, 1, f"reading {config.dataset}"))
                dataset, added = _read_data(config), []
            threads, learner = _threads(config), Learner(config, dataset)
            learner.put_samples(added, len(added))
            compile_seconds = prepare_kernels(config, dataset, self._emit)
        except (UserError, GivenUp, MemoryError) as error:
            if isinstance(error, GivenUp):
                self._obtaining.held.appendleft(error.command)
            self._tell_status()
            raise UserError(str(error) or f"there is no memory for {config.dataset}") from None
        if self._status != "ended" and self._learner.position.step:
            self._try_to_save("last")
        self._config, self._resume, self._digit = config, None, 0
        self._threads, self._compile_seconds = threads, compile_seconds
        self._begin_attempt(learner)

    def _begin_attempt(self, learner: Learner) -> None:
        """Train another network from its first step on; it has checkpoints of its own."""
        self._epoch_ends.forget_after(-1)
        self._take_learner(learner)
        if self._trail is not None:
            self._trail.close()
        self._attempt += 1
        self._path = beside(self._first_path, f"-{self._attempt}")
        self._epochs = self._config.epochs
        self._progress = Progress(self._epochs)
        self._notices, self._trouble = (), ""
        self._seconds, self._samples, self._steps_left, self._pause_at_epoch_end = 0.0, 0, None, False
        self._status = "running"
        self._tell_start()

    def _tell_status(self) -> None:
        """Whoever saw a preparation that came to nothing is told that the run goes on as it was."""
        step = self._learner.position.step
        self._window.restart_clock()
        self._next_step_at = perf_counter()
        match self._status:
            case "running":
                self._emit(e.RunResumed(step))
            case "paused":
                self._emit(e.RunPaused(step, self._trouble))
            case _ if self._ended is not None:
                self._emit(self._ended)

    def _predict(self, index: int) -> None:
        event = predict_sample(self._learner, index)
        self._digit = event.index
        self._emit(event)

    def _change(self, before: Hyperparameter, value: float) -> None:
        with self._checkpoint_before(before.name, HELD_S):
            after = self._learner.set(before.name, value)
        self._step_s = inf
        self._doctor.changed()
        self._report()
        self._emit(e.HyperparameterChanged(self._learner.position.step, after, before.value))

    def _change_network(self, command: c.Change) -> None:
        learner = self._learner
        self._report()
        with self._checkpoint_before(type(command).__name__):
            what = change(learner, command)
        prepare_change(learner, self._emit)
        self._step_s = inf
        self._measure_anew()
        if what.what == "activation":
            # The weights that were would be looked at through another function.
            self._epoch_ends.forget_after(-1)
        anew = what.what in ("activation", "weights")
        self._doctor.changed(anew=anew)
        layers, hyperparameters = describe_layers(learner.model), tuple(learner.hyperparameters)
        self._emit(e.NetworkChanged(learner.position.step, *what, layers, hyperparameters, learner.config))
        if anew:
            self._evaluate("validation", SAMPLE)
        self._window.restart_clock()

    def _apply_remedy(self, remedy: c.ApplyRemedy) -> None:
        """What is so already is left out. Raises UserError where nothing is left."""
        refused = []
        for part in remedy.cure:
            try:
                self._apply(part)
            except UserError as error:
                refused.append(error)
        if len(refused) == len(remedy.cure):
            raise refused[0] if refused else UserError(f"{remedy.rule}: no command can do that: {remedy.remedy}")
        self._emit(e.RemedyApplied(self._learner.position.step, remedy.rule, remedy.layer, remedy.remedy))
        if self._trouble:
            self._go(None)

    @property
    def _kept(self) -> Trail:
        """The checkpoints to go back to. Raises UserError where none are kept."""
        if self._trail is None:
            raise UserError("this run keeps no checkpoints to go back to")
        return self._trail

    @property
    def _present_progress(self) -> Progress:
        return msgspec.structs.replace(self._progress, epochs=self._epochs, threads=self._threads)

    @property
    def _health(self) -> Memory:
        """What a checkpoint keeps of the diagnosis: nothing where a run fails while it is prepared."""
        doctor: Doctor | None = vars(self).get("_doctor")
        return doctor.memory if doctor is not None else Memory()

    @contextmanager
    def _checkpoint_before(self, what: str, within_s: float = 0.0) -> Iterator[None]:
        """Keep the state as it is before what is done inside, if it can be done; the like `within_s` belongs to it."""
        if self._trail is None:
            yield
            return
        learner = self._learner
        pace = self._pace * learner.settings.batch_size / len(learner.dataset.train)
        usual = step_seconds(learner.model, learner.settings.batch_size)
        within = int(within_s / max(usual, pace))
        keep = self._trail.before_change(learner, self._present_progress, self._health, what, within)
        yield
        with self._told_if_not_written():
            keep()

    def _go_back(self, point: Point, *, undone: bool) -> None:
        """To a checkpoint, as if it had just been resumed."""
        self._report()
        from_step = self._learner.position.step
        try:
            checkpoint = load_checkpoint(point.path)
        except UserError:
            self._kept.drop(point)
            raise
        learner = Learner(checkpoint.config, self._learner.given)
        restore(learner, checkpoint)
        # What else was added since then is somebody's work: it waits for the next epoch once more.
        taken_back = set(map(id, point.added)) if undone else set()
        kept = [sample for sample in self._learner.added if id(sample) not in taken_back]
        learner.put_samples(kept, learner.added_count)
        self._take_learner(learner)
        self._kept.cut(point)
        assert checkpoint.progress is not None
        self._progress, self._epochs = checkpoint.progress, checkpoint.progress.epochs
        self._steps_left, self._pause_at_epoch_end, self._trouble = None, False, ""
        self._window = StepWindow()
        prepare_change(learner, self._emit)
        for verdict in self._doctor.verdicts:
            self._emit(e.VerdictCleared(learner.position.step, verdict))
        step, layers, hyperparameters = learner.position.step, describe_layers(learner.model), learner.hyperparameters
        about = (learner.epoch, self._epochs, layers, tuple(hyperparameters), learner.config, self._train_count)
        self._emit(e.RunRewound(step, from_step, undone, *about))
        self._doctor = Doctor(learner, self._emit, checkpoint.training.health if checkpoint.training else None)
        if learner.position.epoch >= self._epochs:
            self._end("done")
        elif self._status != "running":
            self._status = "paused"
            self._emit(e.RunPaused(step))

    @property
    def _train_count(self) -> int:
        """Training samples, with those that wait for the next epoch."""
        return len(self._learner.given.train) + len(self._learner.added)

    def _take_learner(self, learner: Learner) -> None:
        self._learner.close()
        self._learner, learner.threads = learner, self._threads
        self._step_s = inf
        self._measured = None
        self._epoch_ends.forget_after(learner.position.step)
        self._measure_anew()

    def _measure_anew(self) -> None:
        """What was gathered of another network's errors is of no use; other data may have no classes to be confused."""
        if self._measurement is not None:
            asked, self._measurement = self._measurement.asked, None
            with suppress(UserError):
                self._measurement = ErrorMeasurement(self._learner, asked)

    def _tell_errors(self, event: e.ErrorsMeasured | None) -> None:
        if event is not None:
            self._measured, self._measurement = self._measurement, None
            self._emit(event)

    def _report(self) -> None:
        event = self._window.close(self._learner, self._epochs)
        if event is not None:
            self._emit(event)

    def _evaluate(self, name: Literal["train", "validation", "test"], limit: int | None = None) -> tuple[float, float]:
        began = perf_counter()
        learner = self._learner
        split = getattr(learner.dataset, name)
        loss, metric, count = learner.evaluate(split, limit)
        accuracy, rmse = learner.told(metric)
        self._seconds += perf_counter() - began
        whole = count == len(split)
        self._emit(e.Evaluated(learner.position.step, learner.epoch, name, loss, accuracy, count, whole, rmse))
        if name == "validation" and self._status != "ended":
            self._doctor.evaluated(loss)
        self._window.restart_clock()
        return loss, metric

    def _try_to_save(self, kind: Literal["last", "best"]) -> None:
        """A full disk is no reason to stop learning."""
        try:
            self._save(beside(self._path, ".best") if kind == "best" else self._path, kind)
        except UserError as error:
            self._emit(e.CheckpointFailed(self._learner.position.step, str(error)))

    def _save(self, path: Path, kind: Literal["last", "best", "asked"]) -> None:
        save_checkpoint(path, self._learner, self._present_progress, self._health)
        self._emit(e.CheckpointSaved(self._learner.position.step, str(path), kind))
        self._window.restart_clock()

    def _end(self, reason: Literal["done", "stopped", "interrupted", "failed"], message: str = "") -> None:
        self._report()
        self._status = "ended"
        saved = ""
        try:
            self._save(self._path, "last")
            saved = str(self._path)
        except UserError as error:
            message = message or str(error)
        train, validation, test = self._evaluate("train"), self._evaluate("validation"), self._evaluate("test")
        cost = Cost(self._seconds, self._samples, self._compile_seconds, self._threads)
        step = self._learner.position.step
        summary = summarize(self._learner, self._name, train, validation, test, cost, self._doctor.log, saved)
        with self._told_if_not_written():
            self._log.add(Ended(step, reason, self.weights))
        self._ended = e.RunEnded(step, reason, summary, message)
        self._emit(self._ended)


def _read_data(config: Config) -> datasets.Dataset:
    return with_few_samples(datasets.load(config.dataset), config.samples)


def _threads(config: Config) -> int:
    """The threads to use. Raises UserError where there are not so many cores."""
    if config.threads > available_threads():
        raise UserError(f"--threads {config.threads}: there are {available_threads()} processor cores")
    return config.threads or min(available_threads(), MOST_USEFUL)
