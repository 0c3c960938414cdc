"""Ctrl-Z, under a shell that controls jobs, and back."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

OpenTerminal = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

RUN = ("--epochs", "100000", "--pace", "60", "--checkpoint")
"""Two steps a second."""

STOOD_S = 3.0


@pytest.fixture
def under_a_shell(open_terminal: OpenTerminal, tmp_path: Path) -> Callable[..., Any]:
    """under_a_shell(*arguments): the program as a job of an interactive shell, on the dashboard."""

    def start(*arguments: str) -> Any:
        terminal = open_terminal(*arguments, job_control=True)
        terminal.until(lambda: terminal.step > 0, "the first steps")
        return terminal

    return start


def stopped(terminal: Any) -> int:
    """Wait for the shell's prompt; the program's process, which stands still. What it left on the screen is wiped."""
    terminal.shows(r"\[1\]\+ +Stopped")
    terminal.clear()
    pid: int = terminal.program
    assert state(pid) == "T"
    return pid


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def speed(terminal: Any) -> float:
    found = terminal.find(r"([\d,.]+) samples/s")
    return float(found[1].replace(",", "")) if found else -1


@pytest.mark.parametrize("how", ["key", "signal"])
def test_the_shell_is_there_and_fg_brings_the_screen_back(under_a_shell: Callable[..., Any], tmp_path: Path, how: str):
    terminal = under_a_shell(*RUN, str(tmp_path / "mine.safetensors"))
    terminal.until(lambda: speed(terminal) > 0, "a speed")
    if how == "key":
        terminal.press("\x1a")
    else:
        os.kill(terminal.program, signal.SIGTSTP)
    stopped(terminal)
    since = monotonic()
    terminal.left_whole()
    terminal.press("echo $((6 * 7)) is shown\r")
    terminal.shows("42 is shown")
    terminal.until(lambda: monotonic() - since > STOOD_S, "a time that the clocks of the run would be seen to count")
    terminal.clear()
    stood = monotonic() - since
    terminal.press("fg\r")
    terminal.shows("● training")
    terminal.shows("─ Loss ─")
    terminal.shows("─ Hyperparameters ─")
    assert terminal.find("42 is shown") is None
    step = terminal.step
    terminal.until(lambda: terminal.step > step + 1, "it goes on")
    assert speed(terminal) > 40, "3,600 samples in 60 s, and the time that it stood is not among them"
    terminal.press("q")
    terminal.shows("go on from it")
    terminal.press("exit\r")
    assert terminal.wait_for_end() == 0
    cost = re.search(r"([\d.]+) s of training and evaluation", terminal.left_whole())
    assert cost
    assert float(cost[1]) < stood


def test_who_had_paused_the_run_finds_it_paused(under_a_shell: Callable[..., Any], tmp_path: Path):
    terminal = under_a_shell(*RUN, str(tmp_path / "mine.safetensors"))
    terminal.press(" ")
    terminal.shows("‖ paused")
    step = terminal.step
    terminal.press("\x1a")
    stopped(terminal)
    terminal.clear()
    terminal.press("fg\r")
    terminal.shows("‖ paused")
    terminal.press("s")
    terminal.until(lambda: terminal.step == step + 1, "a step, and no more")
    terminal.shows("‖ paused")


def test_in_the_background_it_waits_for_the_terminal(under_a_shell: Callable[..., Any], tmp_path: Path):
    terminal = under_a_shell(*RUN, str(tmp_path / "mine.safetensors"))
    terminal.press("\x1a")
    pid = stopped(terminal)
    terminal.press("bg\r")
    terminal.shows("mine.safetensors &")
    terminal.until(lambda: state(pid) == "T", "it stands again")
    terminal.press("\r")
    assert stopped(terminal) == pid
    terminal.press("fg\r")
    terminal.shows("● training")


def test_stopped_without_being_asked_it_paints_anew(under_a_shell: Callable[..., Any], tmp_path: Path):
    terminal = under_a_shell(*RUN, str(tmp_path / "mine.safetensors"))
    pid = terminal.program
    os.killpg(os.getpgid(pid), signal.SIGSTOP)
    stopped(terminal)
    terminal.clear()
    terminal.press("fg\r")
    terminal.shows("─ Loss ─")
    terminal.shows("● training")
    terminal.press(" ")
    terminal.shows("‖ paused")
    threads = [Path(task, "comm").read_text().strip() for task in Path(f"/proc/{pid}/task").iterdir()]
    assert threads.count("textual-input") <= 1
    assert len(list(Path(f"/proc/{pid}/task").iterdir())) < 30


def test_hung_up_while_it_stands_it_goes_on_to_its_end(under_a_shell: Callable[..., Any], tmp_path: Path):
    file = tmp_path / "mine.safetensors"
    terminal = under_a_shell("--epochs", "12", "--pace", "60", "--checkpoint", str(file))
    terminal.press("\x1a")
    pid = stopped(terminal)
    os.kill(pid, signal.SIGHUP)
    os.kill(pid, signal.SIGCONT)
    terminal.until_there(file.with_suffix(".log"), "go on from it with --resume")
    assert "1,356 steps" in file.with_suffix(".log").read_text()
