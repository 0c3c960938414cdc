"""How long a plot takes to draw: lines of many points, smoothed, with a run before behind them."""

import argparse
import json
from collections.abc import Callable
from functools import partial
from time import perf_counter

import numpy as np

from benchmarks.figures import Spread, spread, spread_cell, table
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count
from tui_nn.plots import Curve, debiased_ema, heat_map, line_plot

WEIGHT = 0.9

SIZES = {50_000: (100, 25), 4_096: (56, 11), 500: (56, 11)}
"""By points a curve: far more than a history keeps, a full one, a few minutes of a run."""

LINE, USUAL, ALL = "a line", "two lines and a range", "smoothed, before, cursor"

LIMITS_MS = {50_000: {LINE: 3.0, USUAL: 3.0, ALL: 3.0}, 4_096: {LINE: 1.0, USUAL: 1.0}, 500: {LINE: 1.0, USUAL: 1.0}}
"""Targets: a frame takes processor time that training would have."""


def main(arguments: list[str]) -> int:
    """Measure and print; returns 1 if a line plot takes longer than its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks plots", description=__doc__)
    parser.add_argument("--rounds", type=count, default=50, help="drawings of each plot")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    times = {name: _time(draw, options.rounds) for name, draw in plots().items()}
    machine = describe_machine(("numpy", "tui-nn"))
    missed = [name for name, limit in limits().items() if times[name].median > limit]
    if options.json:
        figures = {name: {**times[name]._asdict(), "limit_ms": limits().get(name)} for name in times}
        print(json.dumps({"machine": machine, "plots": figures}))
    else:
        print(f"{machine_line(machine)}\n\n{report(times)}")
    return int(bool(missed))


def plots() -> dict[str, Callable[[], object]]:
    """What is drawn, by name."""
    found: dict[str, Callable[[], object]] = {}
    for points, (width, height) in SIZES.items():
        now, before = _run(points, 0), _run(points, 1)
        for kind, draw in (
            (LINE, partial(_line, now)),
            (USUAL, partial(_lines, now)),
            (ALL, partial(_smoothed, now, before)),
        ):
            found[_name(points, kind)] = partial(draw, width, height)
    values = np.random.default_rng(0).standard_normal((64, 4096)) ** 2
    found["heat map of 64x4,096, 100x25"] = partial(heat_map, values, 100, 25, scale="log")
    return found


def limits() -> dict[str, float]:
    """The target of each line plot, in milliseconds."""
    return {_name(points, kind): limit for points, kinds in LIMITS_MS.items() for kind, limit in kinds.items()}


def report(times: dict[str, Spread]) -> str:
    """A table of the plots, and which of them miss their target."""
    rows = [["plot, ms, median (least-most)", "time", "target"]]
    for name, time in times.items():
        limit = limits().get(name)
        verdict = "" if limit is None else f"{limit:g}" + (" MISSED" if time.median > limit else "")
        rows.append([name, spread_cell(time._asdict()), verdict])
    return table(rows)


Figures = tuple[np.ndarray, np.ndarray]
"""Steps and losses of a run."""


def _run(points: int, seed: int) -> Figures:
    steps = np.arange(points, dtype=np.float64)
    noise = np.random.default_rng(seed).standard_normal(points) ** 2
    return steps, 2.3 * np.exp(-4 * steps / points) + 0.05 + 0.02 * noise


def _line(run: Figures, width: int, height: int) -> object:
    return line_plot([Curve(*run, "train", "train")], width, height)


def _lines(run: Figures, width: int, height: int) -> object:
    steps, loss = run
    return line_plot(_curves(steps, loss), width, height, scale="log")


def _smoothed(run: Figures, before: Figures, width: int, height: int) -> object:
    steps, loss = run
    behind = [
        Curve(before[0], debiased_ema(before[1], WEIGHT), "previous", "before", layer="before"),
        Curve(steps, loss, "train-range", "", layer="raw"),
    ]
    smooth = debiased_ema(loss, WEIGHT)
    return line_plot([*behind, *_curves(steps, smooth)], width, height, scale="log", cursor=steps[-1] / 2)


def _curves(steps: np.ndarray, loss: np.ndarray) -> list[Curve]:
    """Training with its range, validation a hundred times rarer."""
    train = Curve(steps, loss, "train", "train", loss * 0.5, loss * 2)
    return [train, Curve(steps[::100], loss[::100] * 1.1, "validation", "validation")]


def _name(points: int, kind: str) -> str:
    return "{}: {:,} points, {}x{}".format(kind, points, *SIZES[points])


def _time(draw: Callable[[], object], rounds: int) -> Spread:
    draw()
    times = []
    for _ in range(rounds):
        start = perf_counter()
        draw()
        times.append((perf_counter() - start) * 1e3)
    return spread(times)
