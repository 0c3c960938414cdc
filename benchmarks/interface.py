"""The dashboard as it is felt: its start, each key, its output, over a slow line too, and the speed that it leaves."""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import kept_speed
from benchmarks.figures import latency, spread, spread_cell, table
from benchmarks.keys import EXITS, missing
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count
from benchmarks.runs import (
    IDLE_S,
    PRESS_S,
    SETTINGS,
    Failed,
    Watched,
    idle_bytes,
    press_keys,
    watch,
)
from benchmarks.terminal import Line
from tui_nn.actions import actions

LIMIT_MS = 100
"""What 95 of 100 presses may take."""

SIZE, LIMIT_BYTES, LEAST_FRAMES = "120x40", 10 * 1024, 4.0
"""The terminal on which so many bytes a second may be sent while it trains, and so many frames are to be shown."""

SLOW = Line(4000, 1_000_000)
"""A slow line with much room, as ssh over a bad network is."""

SLOW_LIMIT_MS = 1000
"""What 95 of 100 presses may take on it."""

LIMITS = {
    "key_ms": LIMIT_MS, "bytes_per_second": LIMIT_BYTES, "frames_per_second": LEAST_FRAMES, "idle_bytes": 0,
    "slow_line_key_ms": SLOW_LIMIT_MS, "kept": kept_speed.KEPT,
}  # fmt: skip

PACKAGES = ("numpy", "numba", "textual", "tui-nn")


def main(arguments: list[str]) -> int:
    """Measure and print; returns 1 if keys or training are too slow, or keys are not answered or have no predicate."""
    options = _options(arguments)
    gaps = missing(set(actions()))
    if gaps:
        print(f"interface: {'; '.join(gaps)} (benchmarks/keys.py)", file=sys.stderr)
        return 1
    try:
        result = _measure(options)
    except Failed as error:
        print(f"interface: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result) if options.json else _report(result))
    return int(bool(_missed(result)))


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures, ready for JSON."""
    result: dict[str, Any] = {"machine": describe_machine(PACKAGES), "limits": LIMITS, "sizes": {}}
    with tempfile.TemporaryDirectory(prefix="tui-nn-") as name:
        folder = Path(name)
        result["speed"] = kept_speed.measure(options.rounds, options.data or "mnist-5k", folder, _tell)
        if options.speed:
            return result
        cells = [_cells(size) for size in options.sizes]
        speeds = kept_speed.measure_run(SETTINGS, cells, options.rounds, folder, _tell)
        watched = _rounds(options.sizes, options.rounds, folder)
        for size, speed in zip(options.sizes, speeds, strict=True):
            _tell(f"keys at {size}")
            times = press_keys(*_cells(size), folder, options.presses)
            result["sizes"][size] = _figures(watched[size]) | speed | _key_figures(times)
        _tell("idle")
        result["idle_bytes"] = idle_bytes(*_cells(SIZE), folder)
        _tell(f"keys over a line of {SLOW.bytes_per_second:.0f} bytes a second")
        result["slow_line"] = SLOW._asdict() | _key_figures(press_keys(*_cells(SIZE), folder, options.presses, SLOW))
    return result


def _missed(result: dict[str, Any]) -> list[str]:
    """What is not as it should be, in words."""
    found = [f"training speed kept with {name}" for name, shown in result["speed"].items() if kept_speed.slow(shown)]
    found += [f"speed kept at {size}" for size, figures in result["sizes"].items() if kept_speed.slow(figures)]
    found += [f"keys at {size}" for size, figures in result["sizes"].items() if _late(figures, LIMIT_MS)]
    if SIZE in result["sizes"]:
        figures = result["sizes"][SIZE]
        if figures["bytes_per_second"]["median"] > LIMIT_BYTES:
            found.append(f"output at {SIZE}: over {LIMIT_BYTES:,} bytes a second")
        if figures["frames_per_second"] and figures["frames_per_second"]["median"] < LEAST_FRAMES:
            found.append(f"frames at {SIZE}: fewer than {LEAST_FRAMES:g} a second")
    if result.get("idle_bytes"):
        found.append(f"a paused run writes {result['idle_bytes']} bytes in {IDLE_S:g} s")
    if "slow_line" in result and _late(result["slow_line"], SLOW_LIMIT_MS):
        found.append("keys over the slow line")
    return found


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks interface", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default="80x24,120x40,200x60", metavar="CxR,...")
    parser.add_argument(
        "--rounds", type=count, default=5, help="runs of each size, and rounds of turns with a headless one"
    )
    parser.add_argument("--speed", action="store_true", help="only what the dashboard leaves of the training speed")
    parser.add_argument("--data", type=_data, metavar="DIR", help="IDX files for it  [default: the embedded digits]")
    parser.add_argument("--presses", type=count, default=4, help="presses of each action's keys at each size")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(arguments)


def _rounds(sizes: list[str], rounds: int, folder: Path) -> dict[str, list[Watched]]:
    """Each size in turn, each round from another one on."""
    exits = [(id, key) for id in EXITS for key in actions()[id].key.split(",")]
    watched: dict[str, list[Watched]] = {size: [] for size in sizes}
    for index in range(rounds):
        shift = index % len(sizes)
        for size in sizes[shift:] + sizes[:shift]:
            _tell(f"run {index + 1} of {rounds}: {size}")
            exit = exits[(index + sizes.index(size)) % len(exits)]
            watched[size].append(watch(*_cells(size), folder, exit))
    return watched


def _figures(watched: list[Watched]) -> dict[str, Any]:
    """What runs of one size have shown, from their start to their end."""
    columns: dict[str, list[float]] = {
        "first_frame_s": [run.first_frame_s for run in watched],
        "first_step_s": [run.first_step_s for run in watched],
        "exit_s": [run.exit_s for run in watched],
        "bytes_per_second": [run.bytes_per_second for run in watched],
        "frames_per_second": [run.frames_per_second for run in watched if run.frames_per_second is not None],
        "cpu_share": [run.cpu_share for run in watched if run.cpu_share is not None],
        "screen_cpu_share": [run.screen_cpu_share for run in watched if run.screen_cpu_share is not None],
        "screen_cpu_ms_per_frame": [
            run.screen_cpu_share / run.frames_per_second * 1e3
            for run in watched
            if run.screen_cpu_share is not None and run.frames_per_second
        ],
    }
    return {name: spread(values)._asdict() if values else None for name, values in columns.items()}


def _key_figures(times: dict[str, list[float]]) -> dict[str, Any]:
    """Of all presses, and of those of each action."""
    every = [time for presses in times.values() for time in presses]
    return {
        "all_keys": latency(every)._asdict(),
        "keys": {
            id: {**latency(presses)._asdict(), "lost": sum(time >= PRESS_S * 1e3 for time in presses)}
            if presses
            else None
            for id, presses in times.items()
        },
    }


ROWS = (
    ("first complete frame", "s", "first_frame_s", 1, 2),
    ("first training step", "s", "first_step_s", 1, 2),
    ("leaving, run saved", "s", "exit_s", 1, 2),
    ("output", "KB/s", "bytes_per_second", 1e-3, 1),
    ("frames", "/s", "frames_per_second", 1, 1),
    ("processor, all threads", "s/s", "cpu_share", 1, 2),
    ("processor, screen's threads", "s/s", "screen_cpu_share", 1, 2),
    ("the same for a frame", "ms", "screen_cpu_ms_per_frame", 1, 1),
    ("samples", "/s", "samples_per_second", 1, 0),
    ("samples headless", "/s", "headless_samples_per_second", 1, 0),
    ("of headless speed", "%", "kept", 100, 1),
)
"""Label, unit, name, factor, decimals."""


def _report(result: dict[str, Any]) -> str:
    """Three tables: the training speed, the program by size, and each key's times by size."""
    head = [machine_line(result["machine"]), kept_speed.report(result["speed"])]
    if result["sizes"]:
        head += [*_size_tables(result["sizes"]), _link_lines(result)]
    missed = _missed(result)
    return "\n\n".join([*head, f"MISSED: {'; '.join(missed)}" if missed else "all limits are kept"])


def _link_lines(result: dict[str, Any]) -> str:
    slow = result["slow_line"]
    figures, lost = slow["all_keys"], _lost(slow)
    room = f"{slow['bytes_per_second']:,.0f} bytes a second behind {slow['holds']:,} bytes of room, {SIZE}"
    return (
        f"paused, {SIZE}: {result['idle_bytes']} bytes in {IDLE_S:g} s\n"
        f"{room}: keys to screen {figures['median_ms']:.0f} ms in the median, "
        f"{figures['p95_ms']:.0f} at the 95th percentile, {figures['max_ms']:.0f} at most"
        + (f"; UNANSWERED: {', '.join(lost)}" if lost else "")
    )


def _size_tables(sizes: dict[str, Any]) -> list[str]:
    rounds = [["median (least-most)", "", *sizes]]
    for label, unit, name, factor, decimals in ROWS:
        rounds.append([label, unit, *(spread_cell(figures[name], factor, decimals) for figures in sizes.values())])
    keys = [["key to screen, ms: median, 95 %, most", "", *(part for size in sizes for part in (size, "", ""))]]
    for id in next(iter(sizes.values()))["keys"]:
        cells = [cell for figures in sizes.values() for cell in _latency_cells(figures["keys"][id])]
        keys.append([id, actions()[id].key, *cells])
    totals = [cell for figures in sizes.values() for cell in _latency_cells(figures["all_keys"])]
    keys.append(["all", "", *totals])
    verdicts = [f"{size}: {_verdict(figures)}" for size, figures in sizes.items()]
    return [table(rounds, 2), table(keys, 2), "\n".join(verdicts)]


def _latency_cells(figure: dict[str, float] | None) -> list[str]:
    if figure is None:
        return ["no effect", "", ""]
    mark = "!" if figure["p95_ms"] > LIMIT_MS else ""
    return [f"{figure['median_ms']:.0f}", f"{figure['p95_ms']:.0f}{mark}", f"{figure['max_ms']:.0f}"]


def _verdict(figures: dict[str, Any]) -> str:
    p95, lost = figures["all_keys"]["p95_ms"], _lost(figures)
    text = f"95 % of presses within {p95:.0f} ms, {'at most' if p95 <= LIMIT_MS else 'OVER'} {LIMIT_MS}"
    return f"{text}; UNANSWERED: {', '.join(lost)}" if lost else text


def _late(figures: dict[str, Any], limit_ms: float) -> bool:
    return bool(figures["all_keys"]["p95_ms"] > limit_ms or _lost(figures))


def _lost(figures: dict[str, Any]) -> list[str]:
    """Actions with a press that the screen never answered."""
    return [f"{id} {key['lost']} of {key['presses']}" for id, key in figures["keys"].items() if key and key["lost"]]


def _tell(what: str) -> None:
    print(f"interface: {what}", file=sys.stderr, flush=True)


def _data(text: str) -> str:
    """Runs stand in another folder."""
    return f"idx:{Path(text).expanduser().absolute()}"


def _sizes(text: str) -> list[str]:
    for size in text.split(","):
        if min(_cells(size)) < 1:
            raise ValueError(size)
    return text.split(",")


def _cells(size: str) -> tuple[int, int]:
    columns, _, rows = size.partition("x")
    return int(columns), int(rows)
