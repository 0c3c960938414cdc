"""What the dashboard leaves of the training speed where a step is work: at full speed, on a usual terminal."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.figures import spread, spread_cell, table
from benchmarks.runs import ENDLESS, HeadlessRun, WatchedRun
from benchmarks.turns import Rates, kept, mean_rate, take_turns
from benchmarks.workloads import LEARNING_RATE, WORKLOADS

NAMES = ("mlp-large-256", "cnn-128")

COLUMNS, ROWS = 120, 40

KEPT = 0.95
"""Target: samples a second with the dashboard, of those without."""


def measure(rounds: int, data: str, folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Samples a second by workload, headless and with the dashboard in turns."""
    return {
        name: measure_run(settings_of(name, data), [(COLUMNS, ROWS)], rounds, folder, partial(_tell_of, tell, name))[0]
        for name in NAMES
    }


def measure_run(
    settings: Sequence[str], sizes: Sequence[tuple[int, int]], rounds: int, folder: Path, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """The figures of a run by size of the terminal."""
    tell("starting")
    headless = HeadlessRun(folder, settings)
    watched = [WatchedRun(*size, folder, settings) for size in sizes]
    alone, *others = take_turns([headless, *watched], rounds, tell)
    return [figures(alone, own, headless.samples_per_step) for own in others]


def _tell_of(tell: Callable[[str], None], name: str, what: str) -> None:
    tell(f"{name}: {what}")


def settings_of(name: str, data: str) -> Sequence[str]:
    """The options of a run on a workload."""
    workload = WORKLOADS[name]
    network = ("--model", workload.text, "--optimizer", "adam", "--lr", str(LEARNING_RATE))
    return (*network, "--batch-size", str(workload.batch), "--dataset", data, *ENDLESS)


def figures(alone: Sequence[Rates], watched: Sequence[Rates], samples_per_step: float = 1.0) -> dict[str, Any]:
    """Samples a second and what is kept of them, from steps a second by round and turn."""
    return {
        "samples_per_second": spread([mean_rate(rates) * samples_per_step for rates in watched])._asdict(),
        "headless_samples_per_second": spread([mean_rate(rates) * samples_per_step for rates in alone])._asdict(),
        "kept": spread([kept(own, other) for own, other in zip(watched, alone, strict=True)])._asdict(),
    }


def report(result: dict[str, Any]) -> str:
    """A table of the workloads, and whether each keeps enough."""
    rows = [[f"samples/s at {COLUMNS}x{ROWS}, median (least-most)", "headless", "dashboard", "of it, %"]]
    for name, shown in result.items():
        rates = [spread_cell(shown[key], decimals=0) for key in ("headless_samples_per_second", "samples_per_second")]
        rows.append([name, *rates, spread_cell(shown["kept"], 100, 1)])
    verdicts = [
        f"{name}: the dashboard keeps {shown['kept']['median']:.1%} of the speed, "
        f"{'MISSED: ' if slow(shown) else ''}at least {KEPT:.0%}"
        for name, shown in result.items()
    ]
    return "\n\n".join([table(rows), "\n".join(verdicts)])


def slow(shown: dict[str, Any]) -> bool:
    """Whether the dashboard takes too much of the speed."""
    return bool(shown["kept"]["median"] < KEPT)
