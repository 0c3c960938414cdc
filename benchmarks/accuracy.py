"""Seconds from reading MNIST's files to 99 % of the test digits, by one recipe: ours and PyTorch."""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figures import spread, spread_cell, table
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count, threads
from benchmarks.process import Absent, Process, contestant
from benchmarks.workloads import CLASSES
from engine.machine import available_threads
from engine.training.config import read_preset

OURS, USUAL, TUNED = "ours", "PyTorch, DataLoader", "PyTorch, index_select"

WAYS = {
    OURS: ("race_ours", {}),
    USUAL: ("race_pytorch", {"way": "DataLoader"}),
    TUNED: ("race_pytorch", {"way": "index_select"}),
}
"""Who runs, and what it is told."""

PRESET = "lenet"

Start = Callable[[str], Process]
"""A new process of the contestant of that name."""

PACKAGES = ("numpy", "numba", "torch", "tui-nn")


def main(arguments: list[str]) -> int:
    """Measure and print; returns 1 if ours fails or does not get there."""
    options = _options(arguments)
    settings = recipe() | ({"epochs": options.epochs} if options.epochs else {})
    machine = describe_machine(PACKAGES)
    with TemporaryDirectory(prefix="tui-nn-") as folder:
        start = partial(contestant, threads=options.threads, caches=Path(folder))
        races = _races(settings, options, start)
    result = {
        "machine": machine,
        "threads": options.threads,
        "recipe": settings,
        "target": options.target,
        "races": races,
        "ratios": {name: ratios(races, name) for name in WAYS if name != OURS},
    }
    print(json.dumps(result) if options.json else report(result))
    return int(any(race[OURS].get("seconds") is None for race in races.values()))


def recipe() -> dict[str, Any]:
    """The preset's settings, for digits: the other contestants know no "outputs"."""
    settings = read_preset(PRESET)[1]
    return settings | {"model": settings["model"].replace("outputs", str(CLASSES))}


def _races(settings: dict[str, Any], options: argparse.Namespace, start: Start) -> dict[str, dict[str, Any]]:
    """By seed and contestant. Each has the machine for itself, in a process of its own; the order turns by seed."""
    variant = _variant(start)
    names = list(WAYS)
    for name in names:
        _tell(f"{name}: a short run, for what the disk keeps")
        _race(name, {**settings, "epochs": 1}, str(options.data), 0.0, variant, start)
    races: dict[str, dict[str, Any]] = {}
    for seed in range(options.seeds):
        found = {}
        first = seed % len(names)
        for name in (*names[first:], *names[:first]):
            _tell(f"seed {seed}: {name}")
            found[name] = _race(name, {**settings, "seed": seed}, str(options.data), options.target, variant, start)
        races[str(seed)] = {name: found[name] for name in names}
    return races


def _variant(start: Start) -> str:
    """PyTorch's fastest for this network on this machine."""
    _tell("PyTorch: choosing the fastest variant")
    try:
        with start("pytorch") as process:
            return str(process.call("choose", workload="lenet-32")["variant"])
    except Absent:  # told when it is asked to run
        return ""


def _race(
    name: str, settings: dict[str, Any], folder: str, target: float, variant: str, start: Start
) -> dict[str, Any]:
    module, arguments = WAYS[name]
    try:
        with start(module) as process:
            finish: dict[str, Any] = process.call(
                "reach", settings=settings, folder=folder, target=target, variant=variant, **arguments
            )
            return finish
    except Absent as reason:
        return {"absent": str(reason)}


def ratios(races: dict[str, dict[str, Any]], name: str) -> dict[str, float] | None:
    """Seconds of a contestant / ours, over the seeds with which both got there."""
    both = [(race[name].get("seconds"), race[OURS].get("seconds")) for race in races.values()]
    found = [theirs / ours for theirs, ours in both if theirs is not None and ours is not None]
    return spread(found)._asdict() if found else None


def report(result: dict[str, Any]) -> str:
    """A table by seed: seconds, of them until ready and in evaluation, and epochs; then the ratios."""
    columns = [part for name in WAYS for part in (name, "ready", "evaluating", "epochs")]
    rows = [["seconds", *columns]]
    for seed, race in result["races"].items():
        rows.append([f"seed {seed}", *(cell for name in WAYS for cell in _cells(race[name]))])
    middle = ["median"]
    for name in WAYS:
        times = [race[name]["seconds"] for race in result["races"].values() if race[name].get("seconds") is not None]
        middle += [f"{median(times):.1f}" if times else "", "", "", ""]
    rows.append(middle)
    recipe = result["recipe"]
    about = (
        f"{recipe['model']}\n{recipe['optimizer']}, schedule {recipe.get('schedule', 'constant')} over "
        f"{recipe['epochs']} epochs, batch {recipe['batch_size']}; until {result['target']:.1%} of the test digits"
    )
    verdicts = [f"{name} / ours: {spread_cell(ratio)}" for name, ratio in result["ratios"].items()]
    absent = [
        f"absent: {name} with seed {seed}: {shown['absent']}"
        for seed, race in result["races"].items()
        for name, shown in race.items()
        if "absent" in shown
    ]
    head = f"{machine_line(result['machine'])}; {result['threads']} threads"
    blocks = [head, about, table(rows), "\n".join(absent), "\n".join(verdicts)]
    return "\n\n".join(block for block in blocks if block)


def _cells(shown: dict[str, Any]) -> list[str]:
    if "absent" in shown:
        return ["absent", "", "", ""]
    seconds = f"never, {max(shown['accuracies']):.2%}" if shown["seconds"] is None else f"{shown['seconds']:.1f}"
    return [seconds, f"{shown['ready_s']:.1f}", f"{shown['evaluation_s']:.1f}", f"{shown['epochs']:.2f}"]


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks accuracy", description=__doc__.replace("%", "%%"))
    parser.add_argument("--data", type=_folder, required=True, metavar="DIR", help="the four IDX files of MNIST")
    parser.add_argument("--seeds", type=count, default=3, help="runs of each contestant")
    parser.add_argument("--target", type=float, default=0.99, help="share of the test digits")
    parser.add_argument("--epochs", type=count, help="in place of the recipe's")
    parser.add_argument("--threads", type=threads, default=min(2, available_threads()), help="for each contestant")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(arguments)


def _folder(text: str) -> Path:
    """Contestants work elsewhere."""
    return Path(text).expanduser().absolute()


def _tell(what: str) -> None:
    print(f"accuracy: {what}", file=sys.stderr, flush=True)
