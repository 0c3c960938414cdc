"""Where the time of our training step goes: phase by phase, beside the machine's own rate."""

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.contestants.ours import make_learner, random_pictures
from benchmarks.figures import table
from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count, mistakes, threads
from benchmarks.workloads import LEARNING_RATE, PEAK_FLOPS, PEAK_SIZE, WORKLOADS, Workload, select
from engine.kernels.crew import Job, Segment
from engine.machine import available_threads
from engine.stages.step import CompiledStep
from engine.training.config import Config

PACKAGES = ("numpy", "numba", "tui-nn")

SPAN_S = 0.02
"""Seconds that a round times a group for, or the step."""


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks step", description=__doc__)
    parser.add_argument("--workloads", type=mistakes(select), default=",".join(WORKLOADS), metavar="NAME,...")
    parser.add_argument("--rounds", type=count, default=15, help="times that each group is timed, in turn")
    parser.add_argument("--threads", type=threads, default=min(2, available_threads()))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    result: dict[str, Any] = {"machine": describe_machine(PACKAGES), "threads": options.threads, "workloads": {}}
    result["peak_gflops"] = _peak_gflops(options.threads)
    for name in options.workloads:
        print(f"step: {name}", file=sys.stderr, flush=True)
        result["workloads"][name] = _measure(WORKLOADS[name], options.threads, options.rounds)
    print(json.dumps(result) if options.json else _report(result))
    return 0


def _measure(workload: Workload, threads: int, rounds: int) -> dict[str, Any]:
    """Microseconds of the whole step and of each of its groups by itself: medians of rounds in turn."""
    config = Config(model=workload.text, lr=LEARNING_RATE, batch_size=workload.batch, threads=threads, epochs=10**6)
    learner = make_learner(config, random_pictures(workload))

    def whole() -> None:
        learner.train_step(10**6)
        learner.end_epoch()

    whole()
    step = learner._step(workload.batch)
    assert isinstance(step, CompiledStep)
    crew = learner.crew  # another one's waiting threads would take the cores from this one's
    nothing = Job([])
    jobs = [Job([group]) for group in step.groups]
    calls = [whole, partial(crew.run, nothing), *(partial(crew.run, job) for job in jobs)]
    times = [[_microseconds(call) for call in calls] for _ in range(rounds)]
    total, call, *groups = (median(column) for column in zip(*times, strict=True))
    learner.close()
    return {
        "step_us": total,
        "call_us": call,
        "groups": [
            {"phases": _names(group), "us": max(0.0, us - call), "flops": sum(segment.flops for segment in group)}
            for group, us in zip(step.groups, groups, strict=True)
        ],
    }


def _microseconds(call: Any) -> float:
    call()
    done, began = 0, perf_counter()
    while perf_counter() - began < SPAN_S:
        call()
        done += 1
    return (perf_counter() - began) / done * 1e6


def _peak_gflops(threads: int) -> float:
    """The rate of a large product by NumPy's BLAS."""
    a = np.random.default_rng(0).standard_normal((PEAK_SIZE, PEAK_SIZE), np.float32)
    with threadpool_limits(threads):
        a @ a
        times = []
        for _ in range(9):
            began = perf_counter()
            a @ a
            times.append(perf_counter() - began)
    return PEAK_FLOPS / median(times) / 1e9


def _names(group: Sequence[Segment]) -> list[str]:
    return list(dict.fromkeys(segment.phase.__name__ for segment in group))


def _report(result: dict[str, Any]) -> str:
    parts = [
        machine_line(result["machine"]),
        f"sgemm peak {result['peak_gflops']:.0f} GFLOPS, {result['threads']} threads",
    ]
    for name, figures in result["workloads"].items():
        whole = figures["step_us"]
        rows = [[name, "us", "% of step", "GFLOPS", "% of peak"]]
        for group in figures["groups"]:
            rate = group["flops"] / group["us"] / 1e3 if group["us"] else 0.0
            shown = [f"{rate:.0f}", f"{100 * rate / result['peak_gflops']:.0f}"] if group["flops"] else ["", ""]
            rows.append(["+".join(group["phases"]), f"{group['us']:.1f}", f"{100 * group['us'] / whole:.1f}", *shown])
        rest = whole - sum(group["us"] for group in figures["groups"])
        flops = sum(group["flops"] for group in figures["groups"])
        rows.append(["between them: Python, meeting", f"{rest:.1f}", f"{100 * rest / whole:.1f}", "", ""])
        rate = flops / whole / 1e3
        rows.append(["step", f"{whole:.1f}", "100.0", f"{rate:.0f}", f"{100 * rate / result['peak_gflops']:.0f}"])
        parts.append(table(rows, 1))
    return "\n\n".join(parts)
