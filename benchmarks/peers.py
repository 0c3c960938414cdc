"""A training step of ours beside PyTorch, torch.compile and JAX: milliseconds, memory, and how far ahead."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import geometric_mean, median
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any, NamedTuple

from benchmarks.figures import spread, spread_cell, table
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count, mistakes, threads
from benchmarks.process import Absent, Process, contestant
from benchmarks.workloads import PEAK_FLOPS, WORKLOADS, Workload, select
from engine.machine import available_threads

OURS, LIMIT, PEAK = "ours", "PyTorch", "sgemm"

MODULES = {OURS: "ours", LIMIT: "pytorch", "torch.compile": "torch_compile", "JAX jit": "jax_jit"}
"""Who is compared, and the file of each in benchmarks/contestants."""

PACKAGES = ("numpy", "numba", "torch", "jax", "tui-nn")

AHEAD, MEAN_AHEAD, PEAK_SHARE = 1.0, 1.5, 0.6
"""Targets: best peer / ours on each workload and in the geometric mean; ours of the machine's own rate."""

PEAK_WORKLOADS = ("mlp-large-256", "keras-cnn-128")
"""Large enough for arithmetic to be what a step waits for."""

FLAT_MB = 1.0
"""What the most memory of a process may grow from the first round to the last."""

SPAN_S, PAUSE_S = 0.7, 0.05
"""Seconds that a turn times, and seconds of rest in which the one before stops to wait actively."""

Start = Callable[[str], Process]
"""A new process of the contestant of that name."""


@dataclass
class Entry:
    """What a contestant showed on a workload: its fastest variant, its first calls, and each round."""

    variant: str
    tried: dict[str, Any]
    cold_s: float
    warm_s: float
    ms: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)


Entries = dict[str, Entry | str]
"""By contestant; the reason of one that is absent."""


class Verdict(NamedTuple):
    """A target; None where nothing tells whether it holds."""

    holds: bool | None
    text: str


def main(arguments: list[str]) -> int:
    """Measure and print; returns 1 if a target is missed or ours fails."""
    options = _options(arguments)
    machine = describe_machine(PACKAGES)
    entries: dict[str, Entries] = {}
    with TemporaryDirectory(prefix="tui-nn-") as folder:
        for name in options.workloads:
            names = [*MODULES, PEAK] if name in PEAK_WORKLOADS else list(MODULES)
            # Nothing was compiled there before: a workload's first call is a cold one.
            start = partial(_start, options.threads, Path(folder, name))
            entries[name] = measure(name, names, start, options.rounds)
    result = {
        "machine": machine,
        "threads": options.threads,
        "workloads": {name: figures(WORKLOADS[name], entries[name]) for name in options.workloads},
    }
    verdicts = judge(result["workloads"])
    result["targets"] = [verdict._asdict() for verdict in verdicts]
    print(json.dumps(result) if options.json else report(result))
    return int(any(verdict.holds is False for verdict in verdicts))


def _start(threads: int, caches: Path, name: str) -> Process:
    module = MODULES.get(name, name)
    return contestant(module, threads, caches / module)


def measure(workload: str, names: Sequence[str], start: Start, rounds: int) -> Entries:
    """Each contestant's fastest variant, then rounds in which all take turns, each round from another one on."""
    entries = {name: _choose(workload, name, start) for name in names}
    with ExitStack() as stack:
        processes: dict[str, Process] = {}
        for name, entry in entries.items():
            if isinstance(entry, Entry):
                _tell(f"{workload}: {name}, {entry.variant}")
                try:
                    processes[name] = stack.enter_context(start(name))
                    prepared = processes[name].call("prepare", workload=workload, variant=entry.variant)
                    entry.warm_s = prepared["first_call_s"]
                except Absent as reason:
                    entries[name] = str(reason)
        for index in range(rounds):
            _tell(f"{workload}: round {index + 1} of {rounds}")
            first = index % len(names)
            for name in (*names[first:], *names[:first]):
                entry = entries[name]
                if isinstance(entry, Entry):
                    entries[name] = _turn(processes[name], entry)
    return entries


def _choose(workload: str, name: str, start: Start) -> Entry | str:
    """In a process of its own: the memory of variants not taken counts for nobody."""
    _tell(f"{workload}: {name}, choosing the fastest variant")
    try:
        with start(name) as process:
            choice = process.call("choose", workload=workload)
    except Absent as reason:
        return str(reason)
    return Entry(choice["variant"], choice["tried"], choice["first_call_s"], choice["first_call_s"])


def _turn(process: Process, entry: Entry) -> Entry | str:
    sleep(PAUSE_S)
    try:
        shown = process.call("run", seconds=SPAN_S)
    except Absent as reason:
        return str(reason)
    entry.ms.append(shown["ms"])
    if shown["peak_mb"] is not None:
        entry.peak_mb.append(shown["peak_mb"])
    return entry


def figures(workload: Workload, entries: Entries) -> dict[str, Any]:
    """All about one workload, ready for JSON. The best peer is the one of the least median; ratios are by round."""
    rivals = {name: entry for name, entry in entries.items() if name != PEAK}
    ours, peak = entries.get(OURS), entries.get(PEAK)
    present = {name: entry for name, entry in rivals.items() if isinstance(entry, Entry) and name != OURS}
    best = min(present, key=lambda name: median(present[name].ms), default=None)
    result: dict[str, Any] = {
        "flops": workload.flops,
        "contestants": {name: _contestant_figures(entry) for name, entry in rivals.items()},
        "best_peer": best,
        "ratio": None,
        "gflops": None,
        "peak_gflops": None,
        "share": None,
        "peak_absent": peak if isinstance(peak, str) else None,
    }
    if isinstance(ours, Entry):
        rates = [workload.flops / (ms * 1e6) for ms in ours.ms]
        result["gflops"] = spread(rates)._asdict()
        if best is not None:
            ratios = [peer / own for peer, own in zip(present[best].ms, ours.ms, strict=True)]
            result["ratio"] = spread(ratios)._asdict()
        if isinstance(peak, Entry):
            peaks = [PEAK_FLOPS / (ms * 1e6) for ms in peak.ms]
            result["peak_gflops"] = spread(peaks)._asdict()
            result["share"] = spread([rate / top for rate, top in zip(rates, peaks, strict=True)])._asdict()
    return result


def _contestant_figures(entry: Entry | str) -> dict[str, Any]:
    if isinstance(entry, str):
        return {"absent": entry}
    return {
        "ms": spread(entry.ms)._asdict(),
        "rounds_ms": entry.ms,
        "variant": entry.variant,
        "tried": entry.tried,
        "first_call_cold_s": entry.cold_s,
        "first_call_warm_s": entry.warm_s,
        "peak_mb": max(entry.peak_mb, default=None),
        "grown_mb": entry.peak_mb[-1] - entry.peak_mb[0] if entry.peak_mb else None,
    }


def judge(workloads: Mapping[str, dict[str, Any]]) -> list[Verdict]:
    """Whether each target holds on what was measured."""
    ratios = {name: result["ratio"]["median"] for name, result in workloads.items() if result["ratio"]}
    behind = [f"{name} {ratio:.2f}" for name, ratio in ratios.items() if ratio <= AHEAD]
    failed = [name for name, result in workloads.items() if "absent" in result["contestants"][OURS]]
    verdicts = [Verdict(False, f"ours does not run {', '.join(failed)}")] if failed else []
    about = f"over {len(ratios)} of {len(WORKLOADS)} workloads"
    if ratios:
        ahead = f"behind on {', '.join(behind)}" if behind else "ahead"
        verdicts.append(Verdict(not behind, f"ours beside the best peer: {ahead}, {about}"))
        mean = geometric_mean(ratios.values())
        verdicts.append(
            Verdict(mean >= MEAN_AHEAD, f"geometric mean of the ratios {mean:.2f} {about}, at least {MEAN_AHEAD}")
        )
    else:
        verdicts.append(Verdict(None, "ahead of the best peer: nobody to compare with"))
    for name in PEAK_WORKLOADS:
        share = workloads[name]["share"] if name in workloads else None
        if share is None:
            verdicts.append(Verdict(None, f"{name}: share of the machine's sgemm not measured"))
        else:
            text = f"{name}: {share['median']:.0%} of the machine's sgemm, at least {PEAK_SHARE:.0%}"
            verdicts.append(Verdict(share["median"] >= PEAK_SHARE, text))
    return [*verdicts, *_judge_memory(workloads)]


def _judge_memory(workloads: Mapping[str, dict[str, Any]]) -> list[Verdict]:
    over, grown, compared = [], [], 0
    for name, result in workloads.items():
        ours, limit = result["contestants"][OURS], result["contestants"][LIMIT]
        if ours.get("peak_mb") is not None:
            if ours["grown_mb"] > FLAT_MB:
                grown.append(f"{name} {ours['grown_mb']:.1f} MB")
            if limit.get("peak_mb") is not None:
                compared += 1
                if ours["peak_mb"] > limit["peak_mb"]:
                    over.append(name)
    if not compared:
        return [Verdict(None, f"memory at most {LIMIT}'s: nothing to compare")]
    return [
        Verdict(not over, f"memory beside {LIMIT}: " + (f"more on {', '.join(over)}" if over else "at most as much")),
        Verdict(not grown, "memory over the rounds: " + (f"grows on {', '.join(grown)}" if grown else "flat")),
    ]


def report(result: dict[str, Any]) -> str:
    """Tables of times, of what they cost, of variants and rates; who is absent; the targets."""
    workloads: dict[str, dict[str, Any]] = result["workloads"]
    head = f"{machine_line(result['machine'])}; {result['threads']} threads"
    marks = {True: "holds ", False: "MISSED", None: "unknown"}
    targets = [f"{marks[target['holds']]}  {target['text']}" for target in result["targets"]]
    tables = [_times(workloads), _costs(workloads), _variants(workloads), _rates(workloads)]
    blocks = [head, *tables, "\n".join(_absences(workloads)), "\n".join(targets)]
    return "\n\n".join(block for block in blocks if block)


def _times(workloads: Mapping[str, dict[str, Any]]) -> str:
    rows = [["ms a step, median (least-most)", *MODULES, "best peer / ours"]]
    for name, shown in workloads.items():
        cells = [spread_cell(cell["ms"]) if "ms" in cell else "absent" for cell in shown["contestants"].values()]
        rows.append([name, *cells, spread_cell(shown["ratio"])])
    return table(rows)


def _costs(workloads: Mapping[str, dict[str, Any]]) -> str:
    rows = [["first call, s: cold, warm; most memory, MB", *(part for name in MODULES for part in (name, "", ""))]]
    for name, shown in workloads.items():
        rows.append([name, *(part for cell in shown["contestants"].values() for part in _cost_cells(cell))])
    return table(rows)


def _variants(workloads: Mapping[str, dict[str, Any]]) -> str:
    rows = [["variant taken", *MODULES]]
    for name, shown in workloads.items():
        rows.append([name, *(cell.get("variant", "absent") for cell in shown["contestants"].values())])
    return table(rows, len(MODULES) + 1)


def _rates(workloads: Mapping[str, dict[str, Any]]) -> str:
    rows = [["GFLOPS, median (least-most)", "ours", "sgemm", "share, %"]]
    for name, shown in workloads.items():
        if shown["share"] is not None:
            rates = [spread_cell(shown[key], decimals=0) for key in ("gflops", "peak_gflops")]
            rows.append([name, *rates, spread_cell(shown["share"], 100, 0)])
    return table(rows) if len(rows) > 1 else ""


def _absences(workloads: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    for name, shown in workloads.items():
        for rival, cell in shown["contestants"].items():
            if "absent" in cell:
                yield f"absent: {rival} on {name}: {cell['absent']}"
            for variant, found in cell.get("tried", {}).items():
                if isinstance(found, str):
                    yield f"absent: {rival}'s variant {variant!r} on {name}: {found}"
        if shown["peak_absent"]:
            yield f"absent: {PEAK} beside {name}: {shown['peak_absent']}"


def _cost_cells(cell: dict[str, Any]) -> list[str]:
    if "absent" in cell:
        return ["absent", "", ""]
    memory = "unknown" if cell["peak_mb"] is None else f"{cell['peak_mb']:.0f}"
    return [f"{cell['first_call_cold_s']:.1f}", f"{cell['first_call_warm_s']:.1f}", memory]


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks peers", description=__doc__)
    parser.add_argument("--workloads", type=mistakes(select), default=",".join(WORKLOADS), metavar="NAME,...")
    parser.add_argument("--rounds", type=count, default=7, help="turns of each contestant on each workload")
    parser.add_argument("--threads", type=threads, default=min(2, available_threads()), help="for each contestant")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(arguments)


def _tell(what: str) -> None:
    print(f"peers: {what}", file=sys.stderr, flush=True)
