"""A run without a dashboard: a progress bar on a terminal, plain lines elsewhere, JSON for programs."""

import json as json_format
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.training import events as e
from engine.training.commands import AnyCommand, Stop
from engine.training.history import History
from engine.training.trainer import Trainer
from tui_nn.exit_status import DONE, FAILED, INTERRUPTED, MISTAKE
from tui_nn.glyphs import takes_unicode
from tui_nn.metrics import metric_text
from tui_nn.report import closing_lines, finite, loss_figure
from tui_nn.run_options import RunRequest
from tui_nn.transferred import Tenths, transferred


def train_headless(request: RunRequest, *, json: bool) -> int:
    """Train in this thread; returns the exit status. With `json`, stdout gets the summary alone."""
    commands: SimpleQueue[AnyCommand] = SimpleQueue()

    def make(emit: Callable[[e.AnyEvent], None]) -> Trainer:
        return Trainer(
            request.config,
            emit,
            commands,
            name=request.name,
            checkpoint=request.checkpoint,
            resume=request.resume,
            report_interval_s=0.2,
        )

    return run_headless(make, commands.put, json=json)


def run_headless(
    make: Callable[[Callable[[e.AnyEvent], None]], Trainer], send: Callable[[AnyCommand], object], *, json: bool
) -> int:
    """Run a trainer, made with a listener, and say how it went; `send` gives it commands."""
    listener = Listener(Console(stderr=json, highlight=False, soft_wrap=True))
    trainer = make(listener.take)
    with signals_stop(send), listener.bar:
        trainer.run()
    if listener.failed is not None:
        print(f"tui-nn: {listener.failed.message}", file=sys.stderr)
        return MISTAKE if listener.failed.mistake else FAILED
    assert listener.ended is not None
    if not listener.ended.summary:  # it was ended before it began
        print(f"tui-nn: {listener.ended.message}", file=sys.stderr)
        return INTERRUPTED
    if json:
        print(json_format.dumps(finite(listener.ended.summary)))
    else:
        if len(listener.train) > 1 and takes_unicode(sys.stdout):
            print(loss_figure(listener.train, listener.validation))
        print("\n".join(closing_lines(listener.ended.summary)))
    if listener.ended.message:
        print(f"tui-nn: {listener.ended.message}", file=sys.stderr)
    if listener.ended.reason == "interrupted":
        return INTERRUPTED
    return FAILED if listener.ended.reason == "failed" or not listener.ended.summary["checkpoint"] else DONE


class Listener:
    """Takes a trainer's events: prints what is worth a line, keeps what the end needs."""

    def __init__(self, console: Console) -> None:
        self.train, self.validation = History(), History()
        self.ended: e.RunEnded | None = None
        self.failed: e.RunFailed | None = None
        self._console = console
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
        )
        self.bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self.bar.add_task("preparing", total=None, figures="")
        self._tenths = Tenths()

    def take(self, event: e.AnyEvent) -> None:
        """One event of the run."""
        match event:
            case e.PreparationAdvanced(done, total, what):
                self.bar.update(self._task, description="preparing", completed=done, total=total, figures=what)
            case e.DownloadAdvanced(name, done, total):
                about = f"downloading {name}"
                self.bar.update(self._task, description=about, completed=done, total=total, figures=transferred(event))
                if self.bar.disable and self._tenths.passed(event):
                    self._say(f"{about}: {transferred(event)} from {event.source}")
            case e.RunStarted():
                self._start(event)
            case e.StepsEnded():
                self.train.append(event.step, event.loss.mean, event.loss.low, event.loss.high)
                figures = f"loss {event.loss.mean:.4f}   {event.samples / event.seconds:,.0f} samples/s"
                about = f"epoch {min(int(event.epoch) + 1, event.epochs)}/{event.epochs}"
                self.bar.update(
                    self._task, description=about, completed=event.epoch, total=event.epochs, figures=figures
                )
            case e.Evaluated(step=step, split="validation"):
                self.validation.append(step, event.loss)
            case e.EpochEnded():
                self._print_epoch(event)
            case e.HyperparameterChanged(step=step, hyperparameter=item, before=before):
                self._say(f"changed     step {step:>6}   {item.name} from {before:g} to {item.value:g}")
            case e.NetworkChanged(step=step):
                self._say(f"changed     step {step:>6}   {event.text}")
            case e.RunRewound(step=step):
                self._say(f"rewound     step {step:>6}   {event.text}")
            case e.VerdictRaised(step=step, verdict=verdict):
                self._say(f"{verdict.level:<5}       step {step:>6}   {verdict.text}")
            case e.VerdictCleared(step=step, verdict=verdict):
                where = f" in {verdict.layer}" if verdict.layer else ""
                self._say(f"cleared     step {step:>6}   {verdict.rule}{where}")
            case e.CheckpointFailed(reason=reason) | e.CommandRefused(reason=reason):
                self._say(f"warning: {reason}")
            case e.RunEnded():
                self.ended = event
            case e.RunFailed():
                self.failed = event
            case _:
                pass  # what only a dashboard asks for

    def _start(self, event: e.RunStarted) -> None:
        config = event.config
        counts = f"{event.train_count:,} training, {event.validation_count:,} validation, {event.test_count:,} test"
        self._say(f"{event.dataset}: {counts} samples")
        self._say(f"{config.model}   {event.parameters:,} parameters")
        self._say(f"{config.loss}   {config.method}   seed {config.seed}")
        for notice in event.notices:
            self._say(f"note: {notice}")

    def _print_epoch(self, event: e.EpochEnded) -> None:
        train = f"train loss {event.train_loss:.4f} {metric_text(event.train_accuracy, event.train_rmse)}"
        metric = metric_text(event.validation_accuracy, event.validation_rmse)
        validation = f"validation loss {event.validation_loss:.4f} {metric}"
        self._say(f"epoch {event.epoch:>3}   step {event.step:>6}   {train}   {validation}   {event.seconds:.1f} s")

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False)


@contextmanager
def signals_stop(send: Callable[[AnyCommand], object]) -> Iterator[None]:
    """The first Ctrl-C or termination ends the run between two steps, with a checkpoint; a second one at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        send(Stop(interrupted=True))
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
