"""What a run costs whose terminal is lost, beside the same run without a dashboard: processor time, and its result."""

import argparse
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import describe_machine, machine_line
from benchmarks.options import count, threads
from benchmarks.runs import ROOT, Failed

MOST = 0.05
"""How much more processor time than the headless run it may take."""

BEGUN = b"epoch"
"""What the screen says when the run has begun."""

PACKAGES = ("numpy", "numba", "textual", "tui-nn")


def main(arguments: list[str]) -> int:
    """Measure and print; returns 1 if it costs too much, or if its result is another one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks hangup", description=__doc__)
    parser.add_argument("--rounds", type=count, default=5, help="runs of each kind, in turn")
    parser.add_argument("--epochs", type=count, default=200, help="of each run; the start counts as well")
    parser.add_argument("--threads", type=threads, default=1, help="of training: two that share a core would only wait")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        result = _measure(options)
    except Failed as error:
        print(f"hangup: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result) if options.json else _report(result))
    return int(result["more"] > MOST or len(result["test_accuracies"]) > 1)


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    headless: list[float] = []
    lost: list[float] = []
    accuracies: set[float] = set()
    for index in range(options.rounds):
        print(f"hangup: round {index + 1} of {options.rounds}", file=sys.stderr, flush=True)
        for kind, measured in ((_headless, headless), (_lost, lost)):
            with tempfile.TemporaryDirectory(prefix="tui-nn-") as name:
                cpu_s, accuracy = kind(Path(name), options.epochs, options.threads)
            measured.append(cpu_s)
            accuracies.add(accuracy)
    more = median(own / alone for own, alone in zip(lost, headless, strict=True)) - 1
    return {
        "machine": describe_machine(PACKAGES),
        "headless_cpu_s": headless,
        "lost_cpu_s": lost,
        "more": more,
        "test_accuracies": sorted(accuracies),
    }


def _command(folder: Path, epochs: int, threads: int, *words: str) -> list[str]:
    run = ("--epochs", str(epochs), "--seed", "0", "--dataset", "mnist-5k", "--threads", str(threads))
    return [sys.executable, "-m", "tui_nn", *words, *run, "--checkpoint", str(folder / "last.safetensors")]


def _headless(folder: Path, epochs: int, threads: int) -> tuple[float, float]:
    output = folder / "summary"
    with output.open("wb") as file:
        command = _command(folder, epochs, threads, "train", "--json")
        program = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.DEVNULL)
        cpu_s = _cpu_s(program.pid)
    return cpu_s, json.loads(output.read_text())["test_accuracy"]


def _lost(folder: Path, epochs: int, threads: int) -> tuple[float, float]:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        command = _command(folder, epochs, threads)
        os.execve(command[0], command, {**os.environ, "TERM": "xterm-256color"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    shown = b""
    while BEGUN not in shown:
        shown = shown[-len(BEGUN) :] + os.read(terminal, 1 << 16)
    os.close(terminal)
    try:
        cpu_s = _cpu_s(pid)
    except Failed as error:
        raise Failed(f"{error}; its log:\n{(folder / 'last.log').read_text()}") from None
    return cpu_s, json.loads((folder / "last.summary.json").read_text())["test_accuracy"]


def _cpu_s(pid: int) -> float:
    """Of all threads of the program, at its end. Raises Failed if it did not end well."""
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise Failed(f"the program ended with status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def _report(result: dict[str, Any]) -> str:
    lines = [machine_line(result["machine"]), ""]
    for name, label in (("headless_cpu_s", "headless"), ("lost_cpu_s", "terminal lost after the first steps")):
        values = result[name]
        lines.append(f"{label:<36} {median(values):6.2f} s of processor ({min(values):.2f}-{max(values):.2f})")
    verdict = "at most" if result["more"] <= MOST else "OVER"
    lines.append(f"{result['more']:+.1%} (median of the rounds), {verdict} {MOST:.0%}")
    accuracies = result["test_accuracies"]
    lines.append("test accuracy: " + " and ".join(f"{value:.2%}" for value in accuracies))
    return "\n".join(lines)
