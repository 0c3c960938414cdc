"""One convolution three ways: in Python's own loops, in NumPy, and by our layer; the same numbers, other times."""

import argparse
import json
import sys
from collections.abc import Callable
from math import prod
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import engine.stages.conv2d  # noqa: F401  registers the layer's stage
from benchmarks.figures import spread, spread_cell, table
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count
from engine.arrays import Array
from engine.kernels.crew import Crew, Job
from engine.machine import available_threads
from engine.model import Sequential
from engine.stages.lowering import Lowering
from engine.stages.signals import Maps

CHANNELS, KERNEL, INPUT_SHAPE = 16, 5, (6, 14, 14)
"""LeNet's second layer."""

FACTOR = 1000
"""Target: how many times faster than the loops ours is."""

AGREEMENT = 1e-4
"""The largest difference in float32, as a share of the largest number: sums of 3,200 products, in another order."""

SPAN_S = 0.2
"""What is faster than this is repeated for so long."""

PACKAGES = ("numpy", "numba", "tui-nn")

PASSES = {"forward": "forward", "weight_gradient": "gradient of the weights"}

Nested = list[Any]
"""Lists in lists of floats: what an array is in Python alone."""


class Way(NamedTuple):
    """One of the three, ready to be called: the convolution and the gradient of its weights."""

    name: str
    forward: Callable[[], Any]
    weight_gradient: Callable[[], Any]


def main(arguments: list[str]) -> int:
    """Measure and print; returns 1 if the numbers differ or ours is not fast enough."""
    options = _options(arguments)
    machine = describe_machine(PACKAGES)
    random = np.random.default_rng(0)
    x = random.standard_normal((options.batch, *INPUT_SHAPE), np.float32)
    weight = random.standard_normal((CHANNELS, INPUT_SHAPE[0], KERNEL, KERNEL), np.float32)
    size = INPUT_SHAPE[1] - KERNEL + 1
    dy = random.standard_normal((options.batch, CHANNELS, size, size), np.float32)
    ways = [by_loops(x, weight, dy), by_numpy(x, weight, dy), by_ours(x, weight, dy)]
    result: dict[str, Any] = {"machine": machine, "batch": options.batch, "flops": 2 * dy.size * prod(weight.shape[1:])}
    result["passes"] = {name: _measure(name, ways, options.rounds) for name in PASSES}
    print(json.dumps(result) if options.json else _report(result))
    return int(any(_missed(figures) for figures in result["passes"].values()))


def by_loops(x: Array, weight: Array, dy: Array) -> Way:
    """Lists alone: not an array is touched."""
    lists = x.tolist(), weight.tolist(), dy.tolist()
    return Way("loops", lambda: convolve(lists[0], lists[1]), lambda: correlate(lists[0], lists[2]))


def by_numpy(x: Array, weight: Array, dy: Array) -> Way:
    """Windows as rows of a matrix (im2col), and one product."""

    def columns() -> Array:
        windows = np.lib.stride_tricks.sliding_window_view(x, (KERNEL, KERNEL), axis=(2, 3))
        return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, prod(weight.shape[1:]))

    def forward() -> Array:
        y = columns() @ weight.reshape(len(weight), -1).T
        return y.reshape(len(x), *dy.shape[2:], -1).transpose(0, 3, 1, 2)

    def weight_gradient() -> Array:
        gradient: Array = dy.transpose(1, 0, 2, 3).reshape(len(weight), -1) @ columns()
        return gradient.reshape(weight.shape)

    return Way("NumPy", forward, weight_gradient)


def by_ours(x: Array, weight: Array, dy: Array) -> Way:
    """The phases of a training step with this layer alone, on all threads; its bias is 0, and its gradient formed too.

    Pictures lie in memory as the step's stages keep them: neither way is converted for.
    """
    network = Sequential(f"Conv2d({CHANNELS}, {KERNEL})", x.shape[1:])
    network.parameters["0.weight"].value[...] = weight
    lowering = Lowering(len(x), training=True, threads=available_threads())
    given = Maps(len(x), x.shape[1:], given=True)
    given.write(x)
    y = lowering.chain(network.layers, given)
    y.need_gradient()[..., :CHANNELS] = dy.transpose(0, 2, 3, 1)
    (stage,) = lowering.stages
    crew = Crew(lowering.threads)  # for the life of the process
    jobs = Job([stage.pack, *stage.forward]), Job([*stage.backward, stage.late])
    gradient = network.parameters["0.weight"].gradient

    def forward() -> Array:
        crew.run(jobs[0])
        return y.read(lowering.batch)  # jobs know addresses alone: the lowering keeps their arrays alive

    def weight_gradient() -> Array:
        crew.run(jobs[1])
        return gradient

    return Way("ours", forward, weight_gradient)


def convolve(x: Nested, weight: Nested) -> Nested:
    """y[n][o][i][j] = sum over c, k, m of x[n][c][i + k][j + m] * weight[o][c][k][m]."""
    kernel = len(weight[0][0])
    height, width = len(x[0][0]) - kernel + 1, len(x[0][0][0]) - kernel + 1
    y = []
    for picture in x:
        maps = []
        for filter in weight:
            rows = []
            for i in range(height):
                row = []
                for j in range(width):
                    total = 0.0
                    for channel, window in zip(picture, filter, strict=True):
                        for k in range(kernel):
                            for m in range(kernel):
                                total += channel[i + k][j + m] * window[k][m]
                    row.append(total)
                rows.append(row)
            maps.append(rows)
        y.append(maps)
    return y


def correlate(x: Nested, dy: Nested) -> Nested:
    """weight_gradient[o][c][k][m] = sum over n, i, j of dy[n][o][i][j] * x[n][c][i + k][j + m]."""
    height, width = len(dy[0][0]), len(dy[0][0][0])
    kernel = len(x[0][0]) - height + 1
    gradient = []
    for o in range(len(dy[0])):
        filters = []
        for c in range(len(x[0])):
            window = []
            for k in range(kernel):
                row = []
                for m in range(kernel):
                    total = 0.0
                    for picture, slope in zip(x, dy, strict=True):
                        for i in range(height):
                            for j in range(width):
                                total += slope[o][i][j] * picture[c][i + k][j + m]
                    row.append(total)
                window.append(row)
            filters.append(window)
        gradient.append(filters)
    return gradient


def difference(found: Any, expected: Any) -> float:
    """The largest difference, as a share of the largest number expected."""
    expected = np.asarray(expected)
    return float(np.abs(np.asarray(found) - expected).max() / np.abs(expected).max())


def _measure(name: str, ways: list[Way], rounds: int) -> dict[str, Any]:
    """Times of each way in turn, against the loops' numbers and times."""
    calls = {way.name: getattr(way, name) for way in ways}
    _tell(f"{name}: once each, to compare")
    results = {way: call() for way, call in calls.items()}
    expected = results["loops"]
    times: dict[str, list[float]] = {way: [] for way in calls}
    for index in range(rounds):
        _tell(f"{name}: round {index + 1} of {rounds}")
        for way, call in calls.items():
            times[way].append(_time(call))
    return {
        way: {
            "ms": spread([time * 1e3 for time in times[way]])._asdict(),
            "factor": spread([loop / time for loop, time in zip(times["loops"], times[way], strict=True)])._asdict(),
            "difference": difference(results[way], expected),
        }
        for way in calls
    }


def _time(call: Callable[[], Any]) -> float:
    """Seconds of a call, over as many as fit into the span."""
    began, calls = perf_counter(), 0
    while calls == 0 or perf_counter() - began < SPAN_S:
        call()
        calls += 1
    return (perf_counter() - began) / calls


def _report(result: dict[str, Any]) -> str:
    rows = [["median (least-most)", "", "ms", "times the loops", "GFLOPS", "largest difference"]]
    for name, ways in result["passes"].items():
        for way, shown in ways.items():
            rate = f"{result['flops'] / (shown['ms']['median'] * 1e6):.2f}"
            cells = [spread_cell(shown["ms"], decimals=3), spread_cell(shown["factor"], decimals=0)]
            rows.append([PASSES[name], way, *cells, rate, f"{shown['difference']:.1e}"])
    about = f"{CHANNELS} filters of {KERNEL}x{KERNEL} over {INPUT_SHAPE}, a batch of {result['batch']}, float32"
    verdicts = [
        f"{PASSES[name]}: ours {figures['ours']['factor']['median']:,.0f} times faster than the loops, "
        f"{'at least' if not _missed(figures) else 'MISSED:'} {FACTOR:,}"
        for name, figures in result["passes"].items()
    ]
    return "\n\n".join([machine_line(result["machine"]), about, table(rows, 2), "\n".join(verdicts)])


def _missed(figures: dict[str, Any]) -> bool:
    differs = any(shown["difference"] > AGREEMENT for shown in figures.values())
    return bool(differs or figures["ours"]["factor"]["median"] < FACTOR)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks loops", description=__doc__)
    parser.add_argument("--batch", type=count, default=32, help="pictures at once")
    parser.add_argument("--rounds", type=count, default=3, help="turns of each way")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(arguments)


def _tell(what: str) -> None:
    print(f"loops: {what}", file=sys.stderr, flush=True)
