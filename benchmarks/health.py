"""The verdicts on runs that are well: presets with several seeds, each to its end; and what the diagnosis costs."""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from math import inf
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Any, NamedTuple
from unittest.mock import patch

from benchmarks.figures import table
from benchmarks.options import count
from engine.health.doctor import Doctor
from engine.health.verdict import Verdict
from engine.training import events as e
from engine.training.config import make_config, preset_names, read_preset
from engine.training.learner import Learner
from engine.training.trainer import Trainer

WELL = ("mlp", "lenet", "spiral")
"""The presets that nobody should find fault with."""


class Raised(NamedTuple):
    """A verdict, the step at which it was told, and that from which on it no longer held."""

    verdict: Verdict
    step: int
    cleared: int | None


class Outcome(NamedTuple):
    """A run's verdicts in the order of their steps."""

    preset: str
    seed: int
    steps_per_epoch: int
    verdicts: list[Raised]
    accuracy: float

    @property
    def red(self) -> int:
        """How many were red."""
        return sum(raised.verdict.level == "red" for raised in self.verdicts)

    @property
    def late(self) -> int:
        """How many amber ones held after the first epoch."""
        return sum(
            raised.verdict.level == "amber" and (raised.cleared or inf) > self.steps_per_epoch
            for raised in self.verdicts
        )


def diagnose(preset: str, seed: int, folder: Path, **settings: Any) -> Outcome:
    """Train a preset on the data that come with the program. Raises RuntimeError where it does not come to an end."""
    events: list[e.AnyEvent] = []
    config = make_config({"dataset": "mnist-5k", **read_preset(preset)[1], **settings, "seed": seed})
    Trainer(config, events.append, checkpoint=folder / "run.safetensors", report_interval_s=inf).run()
    (started,) = [event for event in events if isinstance(event, e.RunStarted)]
    ended = [event for event in events if isinstance(event, e.RunEnded)]
    if not ended:
        raise RuntimeError(f"{preset}, seed {seed}: {events[-1]}")
    verdicts: list[Raised] = []
    for event in events:
        if isinstance(event, e.VerdictRaised):
            verdicts.append(Raised(event.verdict, event.step, None))
        elif isinstance(event, e.VerdictCleared):
            place = [raised.verdict for raised in verdicts].index(event.verdict)
            verdicts[place] = verdicts[place]._replace(cleared=event.step)
    return Outcome(preset, seed, started.steps_per_epoch, verdicts, ended[-1].summary["test_accuracy"])


class Share(NamedTuple):
    """Seconds of the processor in the diagnosis, and in the training steps themselves, of one run on one core."""

    preset: str
    diagnosis: float
    steps: float
    ran: int

    @property
    def share(self) -> float:
        """Of the time of the steps."""
        return self.diagnosis / self.steps


def measure_cost(preset: str, folder: Path, **settings: Any) -> Share:
    """Every call of a doctor is timed, its making and the noise that it measures too, and every step.

    One thread, and its time of the processor: what else the machine does is neither's. The clock's own is left out.
    """
    clock = _clock_seconds()
    spent = {"diagnosis": 0.0, "steps": 0.0, "count": 0.0}
    first = Doctor.__init__

    def timed(kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if function is first:
                # Steps before are those that load compiled code.
                spent.update(steps=0.0, count=0.0)
            began = thread_time()
            result = function(*arguments, **options)
            spent[kind] += thread_time() - began - clock
            if kind == "steps":
                spent["count"] += len(result)
            return result

        return call

    with ExitStack() as stack:
        for name in ("__init__", "add", "look_if_due", "evaluated", "epoch_ended", "changed"):
            stack.enter_context(patch.object(Doctor, name, timed("diagnosis", getattr(Doctor, name))))
        stack.enter_context(patch.object(Learner, "train_steps", timed("steps", Learner.train_steps)))
        diagnose(preset, 0, folder, threads=1, **settings)
    return Share(preset, spent["diagnosis"], spent["steps"], int(spent["count"]))


def _clock_seconds() -> float:
    """What a call seems to take that does nothing."""
    return median(-(thread_time() - thread_time()) for _ in range(10_001))


def main(arguments: list[str]) -> int:
    """Train, and print what was found fault with."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks health", description=__doc__)
    parser.add_argument("--presets", nargs="+", choices=preset_names(), default=list(WELL), metavar="NAME")
    parser.add_argument("--seeds", type=count, default=10, metavar="N")
    parser.add_argument("--cost", action="store_true", help="only what the diagnosis costs: its share of the steps")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.cost:
        return tell_cost(options.presets, json_wanted=options.json)
    outcomes: list[Outcome] = []
    with TemporaryDirectory(prefix="tui-nn-") as folder:
        for preset in options.presets:
            for seed in range(options.seeds):
                outcomes.append(diagnose(preset, seed, Path(folder)))
                print(describe(outcomes[-1]), file=sys.stderr, flush=True)
    figures = {preset: summary([each for each in outcomes if each.preset == preset]) for preset in options.presets}
    if options.json:
        print(json.dumps(figures))
    else:
        head = ["preset", "seeds", "with a red verdict", "with an amber one after the first epoch", "test accuracy"]
        rows = [
            [preset, str(row["seeds"]), str(row["red"]), str(row["late"]), f"{row['accuracy']:.1%}"]
            for preset, row in figures.items()
        ]
        print(table([head, *rows]))
    return 0


def tell_cost(presets: list[str], *, json_wanted: bool) -> int:
    """A row for each preset: the second run, so that all code is there."""
    shares = []
    with TemporaryDirectory(prefix="tui-nn-") as folder:
        for preset in presets:
            measure_cost(preset, Path(folder), epochs=1)
            shares.append(measure_cost(preset, Path(folder)))
    if json_wanted:
        print(json.dumps({share.preset: share._asdict() | {"share": share.share} for share in shares}))
    else:
        rows = [
            [share.preset, f"{share.ran:,}", f"{share.steps:.2f} s", f"{share.diagnosis:.3f} s", f"{share.share:.2%}"]
            for share in shares
        ]
        print(table([["preset", "steps", "in steps", "in the diagnosis", "share of a step"], *rows]))
    return 0


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """Of the seeds of a preset, how many have verdicts, and their mean test accuracy."""
    return {
        "seeds": len(outcomes),
        "red": sum(outcome.red > 0 for outcome in outcomes),
        "late": sum(outcome.late > 0 for outcome in outcomes),
        "accuracy": sum(outcome.accuracy for outcome in outcomes) / len(outcomes),
    }


def describe(outcome: Outcome) -> str:
    """A line for the run, and one for each verdict."""
    lines = [f"{outcome.preset} seed {outcome.seed}: {outcome.accuracy:.1%}"]
    for verdict, step, cleared in outcome.verdicts:
        end = "to the end" if cleared is None else f"to {cleared}"
        lines.append(f"  {verdict.level:<5} from {verdict.step} (told at {step}) {end}: {verdict.text}")
    return "\n".join(lines)
