"""Accuracies on MNIST beside published ones: the ladder of our presets, over several seeds."""

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from math import sqrt
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from benchmarks.figures import spread, spread_cell, table
from benchmarks.ladder import RUNGS, TEST_COUNTS, Rung, select
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count, mistakes, threads
from benchmarks.process import ROOT
from engine import datasets
from engine.machine import available_threads
from engine.training.config import read_preset

PACKAGES = ("numpy", "numba", "tui-nn")

KEPT = ("test_accuracy", "validation_accuracy", "train_accuracy", "epochs", "steps", "seconds", "compile_seconds")
"""Of a run's summary."""


class Data(NamedTuple):
    """What the runs learn from; a rung says something of MNIST only."""

    spec: str
    train: int
    validation: int
    test: int
    mnist: bool


def main(arguments: list[str]) -> int:
    """Train and print; returns 1 if a run fails or a rung is missed."""
    options = _options(arguments)
    machine = describe_machine(PACKAGES)
    began = perf_counter()
    with TemporaryDirectory(prefix="tui-nn-") as folder:
        run = partial(_train, data=options.data, epochs=options.epochs, threads=options.threads, folder=Path(folder))
        rungs = {
            name: figures(RUNGS[name], {seed: run(name, seed) for seed in range(options.seeds)}, options.data)
            for name in options.rungs
        }
    result = {
        "machine": machine,
        "threads": options.threads,
        "data": options.data._asdict(),
        "epochs": options.epochs,
        "rungs": rungs,
        "seconds": perf_counter() - began,
    }
    print(json.dumps(result) if options.json else report(result))
    return int(any(shown["met"] is False or shown["failed"] for shown in rungs.values()))


def _train(name: str, seed: int, data: Data, epochs: int | None, threads: int, folder: Path) -> dict[str, Any]:
    """One run, in a process of its own, by the command that a user gives; `wall_s` is from its start to its end."""
    _tell(f"{name}, seed {seed}")
    command = [sys.executable, "-m", "tui_nn", "train", "--preset", name, "--dataset", data.spec, "--seed", str(seed)]
    command += ["--threads", str(threads), "--json", "--checkpoint", str(folder / f"{name}-{seed}.safetensors")]
    command += ["--epochs", str(epochs)] if epochs else []
    began = perf_counter()
    ended = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    wall_s = perf_counter() - began
    if ended.returncode:
        said = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
        return {"failed": f"ended with status {ended.returncode}: {said[-1] if said else 'nothing said'}"}
    summary = json.loads(ended.stdout.splitlines()[-1])
    _tell(f"{name}, seed {seed}: {summary['test_accuracy']:.2%} of the test digits in {wall_s:.0f} s")
    return {name: summary[name] for name in KEPT} | {"wall_s": wall_s}


def figures(rung: Rung, runs: dict[int, dict[str, Any]], data: Data) -> dict[str, Any]:
    """A rung with what its runs reached. It is met where every seed reaches the target; None: it cannot be judged.

    `standard_error` is that of one network's share of correct answers, sqrt(p (1 - p) / test digits), at the mean
    p: seeds share their test digits, so more of them do not make it smaller.
    """
    reached = [run["test_accuracy"] for run in runs.values() if "failed" not in run]
    mean = fmean(reached) if reached else None
    return {
        **rung._asdict(),
        "runs": {str(seed): run for seed, run in runs.items()},
        "mean": mean,
        "standard_error": None if mean is None else sqrt(mean * (1 - mean) / data.test),
        "failed": len(runs) - len(reached),
        "met": all(accuracy >= rung.target for accuracy in reached)
        if data.mnist and len(reached) == len(runs)
        else None,
    }


def report(result: dict[str, Any]) -> str:
    """A table by rung in percent of the test digits, the recipes, what failed, and the verdict."""
    data, rungs = Data(**result["data"]), result["rungs"]
    seeds = list(dict.fromkeys(seed for shown in rungs.values() for seed in shown["runs"]))
    head = ["test accuracy, %", "published by", "published", "target", *(f"seed {seed}" for seed in seeds)]
    rows = [[*head, "mean", "s. e.", "ours - published", "met", "s a run"]]
    for name, shown in rungs.items():
        mean, error = shown["mean"], shown["standard_error"]
        walls = [run["wall_s"] for run in shown["runs"].values() if "failed" not in run]
        rows.append(
            [
                name,
                shown["source"],
                _percent(shown["published"]),
                _percent(shown["target"]),
                *(_percent(shown["runs"][seed].get("test_accuracy")) for seed in seeds),
                _percent(mean),
                _percent(error),
                "" if mean is None else f"{100 * (mean - shown['published']):+.2f}",
                {True: "yes", False: "NO", None: "unknown"}[shown["met"]],
                spread_cell(spread(walls)._asdict(), decimals=0) if walls else "",
            ]
        )
    failures = [
        f"failed: {name} with seed {seed}: {run['failed']}"
        for name, shown in rungs.items()
        for seed, run in shown["runs"].items()
        if "failed" in run
    ]
    about = f"{data.spec}: {data.train:,} training, {data.validation:,} validation, {data.test:,} test samples"
    blocks = [
        f"{machine_line(result['machine'])}; {result['threads']} threads",
        about,
        table(rows, 2),
        "\n".join(recipe(name, result["epochs"]) for name in rungs),
        "\n".join(failures),
        f"{_verdict(rungs, data)}\n{result['seconds'] / 60:.1f} minutes in all",
    ]
    return "\n\n".join(block for block in blocks if block)


def recipe(name: str, epochs: int | None) -> str:
    """A preset in one line, with the epochs that it was given in place of its own."""
    settings = read_preset(name)[1] | ({"epochs": epochs} if epochs else {})
    model, numbers = settings.pop("model"), settings.pop("set", {})
    shown = ", ".join(f"{setting} {value}" for setting, value in (settings | numbers).items())
    return f"{name}, {RUNGS[name].about}: {model}; {shown}"


def _verdict(rungs: dict[str, Any], data: Data) -> str:
    if not data.mnist:
        return "not the test digits of MNIST: no rung is judged"
    missed = [name for name, shown in rungs.items() if not shown["met"]]
    return f"MISSED: {', '.join(missed)}" if missed else f"{len(rungs)} of {len(rungs)} rungs met with every seed"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f}"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks reference", description=__doc__)
    parser.add_argument(
        "--data", type=mistakes(_data), default="", metavar="DIR", help="the four IDX files (default: the set mnist)"
    )
    parser.add_argument("--rungs", type=mistakes(select), default=",".join(RUNGS), metavar="NAME,...")
    parser.add_argument("--seeds", type=count, default=3, help="runs of each rung")
    parser.add_argument("--epochs", type=count, help="in place of the recipes'")
    parser.add_argument("--threads", type=threads, default=min(2, available_threads()), help="for each run")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(arguments)


def _data(text: str) -> Data:
    """The data, read once to know what it is before anything is trained. Raises UserError where it is not there."""
    # Absolute: runs work elsewhere.
    spec = f"idx:{Path(text).expanduser().absolute()}" if text else "mnist"
    dataset = datasets.load(spec)
    counts = tuple(np.bincount(dataset.test.labels).tolist())
    return Data(spec, len(dataset.train), len(dataset.validation), len(dataset.test), counts == TEST_COUNTS)


def _tell(what: str) -> None:
    print(f"reference: {what}", file=sys.stderr, flush=True)
