"""The drawing screen: the time from a stroke to the bars that it moves, and the training speed that it leaves."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from benchmarks import kept_speed
from benchmarks import view as v
from benchmarks.figures import latency, spread_cell, table
from benchmarks.kept_speed import COLUMNS, KEPT, ROWS
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count
from benchmarks.runs import ENDLESS, PRESS_S, Failed, HeadlessRun, Page, WatchedRun, time_strokes
from benchmarks.strokes import Canvas, Point, find_canvas
from benchmarks.terminal import Terminal
from benchmarks.turns import Rates, take_turns
from tui_nn.actions import actions

PRESETS = ("mlp", "lenet")

LIMIT_MS = 100
"""What 95 of 100 strokes may take."""

REPORT_S, REST_S = 0.016, 0.4
"""Between two reports of the mouse, and after a stroke: a quick hand that draws without an end."""

STROKES: Sequence[Sequence[Point]] = (
    [(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)],
    [(0.35, 0.2), (0.3, 0.5), (0.7, 0.5)],
    [(0.6, 0.3), (0.58, 0.85)],
    [(0.5, 0.15), (0.3, 0.5), (0.5, 0.85), (0.7, 0.5), (0.5, 0.15)],
)

PAGE = Page(actions()["draw.open"].key, lambda view: "canvas" if v.drawing(view) else "")


def main(arguments: list[str]) -> int:
    """Measure and print; returns 1 if bars come too late, or drawing takes too much of the speed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks drawing", description=__doc__)
    parser.add_argument("--rounds", type=count, default=5, help="rounds of turns with a headless run")
    parser.add_argument("--strokes", type=count, default=100, help="strokes that are timed")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="tui-nn-") as name:
            presets = {preset: _measure(preset, options.rounds, options.strokes, Path(name)) for preset in PRESETS}
    except Failed as error:
        print(f"drawing: {error}", file=sys.stderr)
        return 1
    machine = describe_machine(("numpy", "numba", "textual", "tui-nn"))
    result = {"machine": machine, "limit_ms": LIMIT_MS, "kept": KEPT, "presets": presets}
    print(json.dumps(result) if options.json else f"{machine_line(machine)}\n\n{report(presets)}")
    return int(any(missed(shown) for shown in presets.values()))


def _measure(preset: str, rounds: int, strokes: int, folder: Path) -> dict[str, Any]:
    """Headless and with a hand that draws, in turns; then strokes one by one."""
    settings = ("--preset", preset, "--dataset", "mnist-5k", *ENDLESS)
    _tell(f"{preset}: starting")
    headless = HeadlessRun(folder, settings)
    drawn = WatchedRun(COLUMNS, ROWS, folder, settings, PAGE, Hand())
    alone, own = take_turns([headless, drawn], rounds, lambda what: _tell(f"{preset}: {what}"))
    _tell(f"{preset}: {strokes} strokes")
    times = time_strokes(COLUMNS, ROWS, folder, settings, [STROKES[n % len(STROKES)] for n in range(strokes)])
    return figures(alone, own, times, headless.samples_per_step)


class Hand:
    """Draws stroke after stroke, clears the canvas after the last one and begins anew.

    Called with a terminal and seconds, it goes on there where it was: it stands still while the program does.
    """

    def __init__(self) -> None:
        self._terminal: Terminal | None = None
        self._reports: Iterator[tuple[bytes, float]] = iter(())
        self._rest_s = 0.0

    def __call__(self, terminal: Terminal, seconds: float) -> None:
        if terminal is not self._terminal:
            self._terminal, self._reports, self._rest_s = terminal, endless_reports(find_canvas(terminal.view)), 0.0
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > self._rest_s:
            sleep(self._rest_s)
            report, self._rest_s = next(self._reports)
            terminal.send(report)
        left = max(0.0, left)
        sleep(left)
        self._rest_s -= left


def endless_reports(canvas: Canvas) -> Iterator[tuple[bytes, float]]:
    """What the terminal sends, and for how long there is nothing thereafter."""
    while True:
        for points in STROKES:
            *moves, last = canvas.stroke(points)
            yield from ((move, REPORT_S) for move in moves)
            yield last, REST_S
        yield b"x", REPORT_S


def figures(
    alone: Sequence[Rates], drawn: Sequence[Rates], times: Sequence[float], samples_per_step: float = 1.0
) -> dict[str, Any]:
    """All about one preset: steps a second by round and turn, and milliseconds from each stroke to its bars."""
    return {
        **kept_speed.figures(alone, drawn, samples_per_step),
        "strokes": latency(times)._asdict(),
        "lost": sum(time >= PRESS_S * 1e3 for time in times),
    }


def report(presets: dict[str, dict[str, Any]]) -> str:
    """A table of the presets, and whether each is as it should be."""
    rows = [[f"samples/s at {COLUMNS}x{ROWS}, median (least-most)", *presets]]
    for label, name, factor, decimals in (
        ("headless", "headless_samples_per_second", 1, 0),
        ("while somebody draws", "samples_per_second", 1, 0),
        ("of headless, %", "kept", 100, 1),
    ):
        rows.append([label, *(spread_cell(shown[name], factor, decimals) for shown in presets.values())])
    for label, name in (("median", "median_ms"), ("95 %", "p95_ms"), ("longest", "max_ms")):
        rows.append([f"stroke to bars, {label}, ms", *(f"{shown['strokes'][name]:.0f}" for shown in presets.values())])
    verdicts = [
        f"{name}: 95 % of strokes move the bars within {shown['strokes']['p95_ms']:.0f} ms, at most {LIMIT_MS}; "
        f"{shown['kept']['median']:.1%} of the speed kept, at least {KEPT:.0%}"
        f"{f'; {lost} strokes UNANSWERED' if (lost := shown['lost']) else ''}{': MISSED' if missed(shown) else ''}"
        for name, shown in presets.items()
    ]
    return f"{table(rows)}\n\n" + "\n".join(verdicts)


def missed(shown: dict[str, Any]) -> bool:
    """Whether bars come too late, or drawing takes too much of the speed."""
    late = shown["strokes"]["p95_ms"] > LIMIT_MS or shown["lost"]
    return bool(late or shown["kept"]["median"] < KEPT)


def _tell(what: str) -> None:
    print(f"drawing: {what}", file=sys.stderr, flush=True)
