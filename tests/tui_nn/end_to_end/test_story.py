"""The whole story in the real program: what is wrong is read, mended by a key, seen to be cured, and taken back."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.training import commands as c
from engine.training.command_log import Obeyed, read_log
from tui_nn.cli import run

OpenTerminal = Callable[..., Any]

LOSSES = r"train +(\d[\d.]*) +\S validation +(\d[\d.]*)"

# Forking beside the threads of earlier tests is safe: the child does nothing but become another program.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def paused(terminal: Any) -> int:
    """The step at which it stands, once its last figures are there."""
    terminal.shows(r"‖ paused .* step [\d,]+")
    terminal.until_silent(reads=3)
    return int(terminal.step)


def test_vanishing_is_read_remedied_cured_undone_and_left(
    open_terminal: OpenTerminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    terminal = open_terminal("--preset", "vanishing", "--seed", "0", "--dataset", "mnist-5k")
    verdict = r"amber vanishing in 1 Linear\(30\) +(0\.\d+) < 0\.05"
    share = float(terminal.shows(verdict)[1])
    terminal.shows(r"1 Linear\(30\) V ")
    terminal.shows(r"a: ReLU for Sigmoid, He initialization anew")
    terminal.press(" ")
    step = paused(terminal)
    before = terminal.find(LOSSES)
    assert step >= 45
    # A panel beside tells the same: the first layer's norm over the last one's, which is smaller for its size.
    assert float(terminal.find(r"first / last = (\S+)")[1]) > share

    terminal.press("a")
    terminal.shows("done: ReLU for Sigmoid, He initialization anew")
    terminal.press(" ")
    terminal.shows("● training")
    terminal.shows("healthy: no verdict")
    terminal.shows(r"1 Linear\(30\)   █")
    terminal.until(lambda: float(terminal.find(LOSSES)[1]) < 1.5, "it learns at last")
    terminal.press(" ")
    learned = paused(terminal)
    assert learned > step + 100

    terminal.press("u")
    terminal.shows(f"undone: back from step {learned:,} to {step:,}")
    assert paused(terminal) == step
    assert terminal.find(verdict)
    # Below the legend stands what was left behind, in grey.
    assert terminal.find(LOSSES + r" +\S before")
    assert terminal.find(LOSSES).groups() == before.groups()

    terminal.press("q")
    assert terminal.wait_for_end() == 0
    left = terminal.left_whole()
    assert f" {step:,} steps, " in left
    # It guesses among ten digits, as it did before the remedy.
    assert 5 <= float(re.search(r"test accuracy (\d+\.\d+)%", left)[1]) <= 20  # type: ignore[index]

    (checkpoint,) = (tmp_path / "runs").glob("*/last.safetensors")
    log = read_log(checkpoint)
    done = [(line.step, type(line.command), line.back_to) for line in log.obeyed]
    assert (step, c.ApplyRemedy, None) in done
    assert (learned, c.Undo, step) in done
    assert all(isinstance(line, Obeyed) for line in log.obeyed)
    assert (log.ended[-1].step, log.ended[-1].reason) == (step, "stopped")
    assert run(["replay", str(checkpoint), "--checkpoint", str(tmp_path / "again.safetensors")]) == 0
    assert "the same weights to the bit" in capsys.readouterr().out
