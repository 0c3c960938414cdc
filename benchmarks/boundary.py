"""The boundary screen: how often its surface moves, and the training speed that it leaves."""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import view as v
from benchmarks.figures import spread, spread_cell, table
from benchmarks.kept_speed import COLUMNS, KEPT, ROWS
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count
from benchmarks.runs import ENDLESS, Failed, HeadlessRun, Page, WatchedRun
from benchmarks.turns import TURN_S, TURNS, Rates, kept, mean_rate, take_turns
from tui_nn.actions import actions

NETWORKS = {
    "small": ("Linear(16), Tanh, Linear(16), Tanh, Linear(3)", 32),
    "wide": ("Linear(128), ReLU, Linear(128), ReLU, Linear(3)", 128),
}
"""Model and batch size: a step of some 20 microseconds, and one that is work."""

DATASET = "spiral(samples=50000)"
"""Epochs long enough that a headless run trains, and does not print lines."""

UPDATES = 2.0
"""Target: surfaces a second, by median."""

PAGE = Page(actions()["boundary.open"].key, v.surface)


def main(arguments: list[str]) -> int:
    """Measure and print; returns 1 if the surface moves too seldom, or takes too much of the speed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks boundary", description=__doc__)
    parser.add_argument("--rounds", type=count, default=5, help="rounds of turns with a headless run")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="tui-nn-") as name:
            networks = {network: _measure(network, options.rounds, Path(name)) for network in NETWORKS}
    except Failed as error:
        print(f"boundary: {error}", file=sys.stderr)
        return 1
    machine = describe_machine(("numpy", "numba", "textual", "tui-nn"))
    result = {"machine": machine, "networks": networks}
    print(json.dumps(result) if options.json else f"{machine_line(machine)}\n\n{report(networks)}")
    return int(any(missed(shown) for shown in networks.values()))


def _measure(network: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Headless, dashboard and boundary screen in turns."""
    model, batch = NETWORKS[network]
    settings = ("--dataset", DATASET, "--model", model, "--batch-size", str(batch), "--lr", "0.001", *ENDLESS)
    _tell(f"{network}: starting")
    headless, dashboard = HeadlessRun(folder, settings), WatchedRun(COLUMNS, ROWS, folder, settings)
    boundary = WatchedRun(COLUMNS, ROWS, folder, settings, PAGE)
    turns = take_turns([headless, dashboard, boundary], rounds, lambda what: _tell(f"{network}: {what}"))
    rates = dict(zip(("headless", "dashboard", "boundary"), turns, strict=True))
    return figures(rates, [boundary.pictures / (rounds * TURNS * TURN_S)], headless.samples_per_step)


def figures(
    rates: Mapping[str, Sequence[Rates]], updates: Sequence[float], samples_per_step: float = 1.0
) -> dict[str, Any]:
    """All about one network: steps a second by program, round and turn, and surfaces a second."""
    pairs = {
        "kept": ("boundary", "headless"),
        "kept_of_dashboard": ("boundary", "dashboard"),
        "kept_by_dashboard": ("dashboard", "headless"),
    }
    shares = {
        name: [kept(one, other) for one, other in zip(rates[top], rates[bottom], strict=True)]
        for name, (top, bottom) in pairs.items()
    }
    samples = {name: [mean_rate(own) * samples_per_step for own in rounds] for name, rounds in rates.items()}
    return {name: spread(values)._asdict() for name, values in {**samples, **shares, "updates": updates}.items()}


def report(networks: dict[str, dict[str, Any]]) -> str:
    """A table of the networks, and whether each is as it should be."""
    rows = [[f"samples/s at {COLUMNS}x{ROWS}, median (least-most)", *networks]]
    for label, name, factor, decimals in (
        ("headless", "headless", 1, 0),
        ("dashboard", "dashboard", 1, 0),
        ("boundary screen", "boundary", 1, 0),
        ("dashboard, % of headless", "kept_by_dashboard", 100, 1),
        ("boundary screen, % of headless", "kept", 100, 1),
        ("boundary screen, % of dashboard", "kept_of_dashboard", 100, 1),
        ("surfaces a second", "updates", 1, 2),
    ):
        rows.append([label, *(spread_cell(shown[name], factor, decimals) for shown in networks.values())])
    verdicts = [
        f"{name}: {shown['updates']['median']:.2f} surfaces a second, at least {UPDATES:g}; "
        f"{shown['kept']['median']:.1%} of the speed kept, at least {KEPT:.0%}{': MISSED' if missed(shown) else ''}"
        for name, shown in networks.items()
    ]
    return f"{table(rows)}\n\n" + "\n".join(verdicts)


def missed(shown: dict[str, Any]) -> bool:
    """Whether the surface moves too seldom, or takes too much of the speed."""
    return bool(shown["updates"]["median"] < UPDATES or shown["kept"]["median"] < KEPT)


def _tell(what: str) -> None:
    print(f"boundary: {what}", file=sys.stderr, flush=True)
