"""What the dashboard leaves of the training speed where a step is work: at full speed, on a usual terminal."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cores import Steady, told
from benchmarks.figures import spread, spread_cell, table
from benchmarks.runs import ENDLESS, train_headless, watch
from benchmarks.workloads import LEARNING_RATE, WORKLOADS

NAMES = ("mlp-large-256", "cnn-128")

COLUMNS, ROWS = 120, 40

KEPT = 0.95
"""Target: samples a second with the dashboard, of those without."""

SPAN_S = 5.0
"""Seconds measured of each run at least."""

EXIT = ("app.quit", "q")


def measure(rounds: int, data: str, folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Samples a second by workload, headless and with the dashboard in turn, each round in the other order."""
    result = {}
    for name in NAMES:
        settings = settings_of(name, data)
        tell(f"{name}: warming up")
        span_s = train_headless(folder, settings).span_s(SPAN_S)
        headless, watched, steady = [], [], Steady()
        for index in range(rounds):
            tell(f"{name}: round {index + 1} of {rounds}, {span_s:.0f} s each")
            for alone in (True, False) if index % 2 == 0 else (False, True):
                if alone:
                    run = steady(partial(train_headless, folder, settings, span_s))
                    headless.append(run.samples_per_second)
                else:
                    watched.append(
                        steady(partial(watch, COLUMNS, ROWS, folder, EXIT, settings, span_s)).steps_per_second
                    )
        shown = figures(headless, [rate * run.samples_per_step for rate in watched])
        result[name] = shown | {"unchecked": steady.unchecked}
    return result


def settings_of(name: str, data: str) -> Sequence[str]:
    """The options of a run on a workload."""
    workload = WORKLOADS[name]
    network = ("--model", workload.text, "--optimizer", "adam", "--lr", str(LEARNING_RATE))
    return (*network, "--batch-size", str(workload.batch), "--dataset", data, *ENDLESS)


def figures(headless: Sequence[float], watched: Sequence[float]) -> dict[str, Any]:
    """All about one workload, from samples a second by round."""
    kept = [own / alone for own, alone in zip(watched, headless, strict=True)]
    return {
        "samples_per_second": spread(watched)._asdict(),
        "headless_samples_per_second": spread(headless)._asdict(),
        "kept": spread(kept)._asdict(),
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
    verdicts += [f"{name}: {told(shown['unchecked'])}" for name, shown in result.items() if shown.get("unchecked")]
    return "\n\n".join([table(rows), "\n".join(verdicts)])


def slow(shown: dict[str, Any]) -> bool:
    """Whether the dashboard takes too much of the speed."""
    return bool(shown["kept"]["median"] < KEPT)
