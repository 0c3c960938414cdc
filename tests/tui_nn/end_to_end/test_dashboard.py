"""The real program in a pseudo-terminal: what goes in are keys, what is looked at is the screen."""

import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OpenTerminal = Callable[..., Any]

DEFECT = """
import sys
from tui_nn.cli import run
from tui_nn.panels.loss import LossPanel

def draw(panel, state, width, height):
    if state.step > 100:
        raise RuntimeError("out of order")
    return []

LossPanel.draw = draw
sys.exit(run(sys.argv[1:]))
"""

# Forking beside the threads of earlier tests is safe: the child does nothing but become another program.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def loss_of(terminal: Any) -> float:
    """The training loss that the legend says."""
    found = terminal.find(r"train\s+(\d\S*)\s+\S validation")
    return float(found[1]) if found else float("inf")


def sign_is_right(terminal: Any) -> bool:
    """Whether label, answer and sign fit; a frame that has half arrived may still show the digit before."""
    label, answer = terminal.find(r"it is +(\d)"), terminal.find(r"read as (\d) (✓|✗)")
    return bool(label and answer) and (answer[1] == label[1]) == (answer[2] == "✓")


def test_watch_it_learn_change_it_pause_predict_and_leave(open_terminal: OpenTerminal, tmp_path: Path):
    terminal = open_terminal("--pace", "1", "--epochs", "100000", "--seed", "0")
    terminal.shows("● training .* epoch")
    terminal.until(lambda: loss_of(terminal) < float("inf"), "a loss")
    first = loss_of(terminal)
    terminal.until(lambda: loss_of(terminal) < first / 2, f"half of {first}")

    terminal.shows(r"▸ learning rate +0\.001 ")
    terminal.press("\x1b[C")
    terminal.shows(r"▸ learning rate +0\.002 ")
    terminal.press("\x1b[B\x1b[B\x1b[B")
    terminal.shows("▸ beta2")

    terminal.press(" ")
    terminal.shows("‖ paused")
    step = terminal.step
    terminal.press("s")
    terminal.until(lambda: terminal.step > step, "one step")
    assert terminal.step == step + 1

    terminal.shows("Test digit 1 of 1000")
    terminal.press("n")
    terminal.shows("Test digit 2 of 1000")
    terminal.until(lambda: sign_is_right(terminal), "a sign that says whether label and answer agree")
    terminal.press("m")
    terminal.until(lambda: not terminal.find("Test digit 2 of 1000"), "a digit that it gets wrong")
    terminal.until(lambda: sign_is_right(terminal) and terminal.find(r"read as \d ✗"), "a wrong answer")

    terminal.press(" ")
    terminal.until(lambda: terminal.step > step + 5, "it goes on")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    summary = terminal.left_whole()
    assert re.search(r"test accuracy \d\d\.\d\d%", summary)
    (checkpoint,) = (tmp_path / "runs").glob("*/last.safetensors")
    assert str(checkpoint) in "".join(summary.split("\r\n"))


def test_interrupted_it_saves_and_says_130(open_terminal: OpenTerminal, tmp_path: Path):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", columns=80, rows=24)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("\x03")
    assert terminal.wait_for_end() == 130
    assert "test accuracy" in terminal.left_whole()
    assert list((tmp_path / "runs").glob("*/last.safetensors"))


def test_terminated_it_saves_and_leaves_the_terminal_whole(open_terminal: OpenTerminal, tmp_path: Path):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", columns=80, rows=24, within_shell=False)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.child.kill(signal.SIGTERM)
    assert terminal.wait_for_end() == 130
    assert "test accuracy" in terminal.left_whole()
    assert list((tmp_path / "runs").glob("*/last.safetensors"))


def test_a_defect_of_the_screen_ends_the_program_and_the_run(open_terminal: OpenTerminal, tmp_path: Path):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", program=DEFECT, within_shell=False)
    assert terminal.wait_for_end() == 1
    assert b"out of order" in terminal.output.rpartition(b"\x1b[?1049l")[2]
    assert list((tmp_path / "runs").glob("*/last.safetensors"))


def test_a_mistake_that_shows_late_is_told_on_the_normal_screen(open_terminal: OpenTerminal, tmp_path: Path):
    terminal = open_terminal("--dataset", f"idx:{tmp_path}")
    assert terminal.wait_for_end() == 2
    told = [line for line in terminal.left_whole().splitlines() if line.startswith("tui-nn: ")]
    assert len(told) == 1
    assert "train-images-idx3-ubyte" in told[0]


def test_without_the_dashboard_a_bar_moves_and_ctrl_c_saves(open_terminal: OpenTerminal, tmp_path: Path):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("train", "--epochs", "100000", "--checkpoint", str(file), within_shell=False)
    terminal.shows(r"epoch +\d+/100000 .*samples/s")
    terminal.press("\x03")
    assert terminal.wait_for_end() == 130
    output = terminal.output.decode()
    assert "test accuracy" in output
    assert "Traceback" not in output
    assert output.rfind("\x1b[?25l") < output.rfind("\x1b[?25h"), "the cursor is hidden"
    assert file.is_file()


def only_parts(folder: Path) -> bool:
    """Whether what is there of a download goes by no final name."""
    return {path.suffix for path in folder.rglob("*ubyte*")} == {".part"}


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("\x03", 130)])
def test_a_download_is_told_and_a_key_ends_it_though_the_server_is_silent(
    open_terminal: OpenTerminal, mirrors: Any, program_from: Any, data_folder: Path, key: str, status: int
):
    url = mirrors.add("stalls", mirrors.stall(400_000))
    terminal = open_terminal("--dataset", "mnist", program=program_from(url))
    terminal.shows(r"downloading mnist: 0\.\d of 0\.8 MB.* from 127\.0\.0\.1")
    terminal.press(key)
    assert terminal.wait_for_end() == status
    assert "what came is kept" in terminal.left_whole()
    assert not mirrors.released.is_set()
    assert only_parts(data_folder)


@pytest.mark.parametrize("arguments", [("train", "--dataset", "mnist"), ("datasets", "fetch", "mnist")], ids=" ".join)
def test_so_it_is_without_the_dashboard(
    open_terminal: OpenTerminal,
    mirrors: Any,
    program_from: Any,
    data_folder: Path,
    arguments: tuple[str, ...],
):
    url = mirrors.add("stalls", mirrors.stall(400_000))
    terminal = open_terminal(*arguments, program=program_from(url), within_shell=False)
    terminal.shows(r"mnist .*0\.\d of 0\.8 MB")
    terminal.press("\x03")
    assert terminal.wait_for_end() == 130
    output = terminal.output.decode()
    assert "what came is kept" in output
    assert "Traceback" not in output
    assert output.rfind("\x1b[?25l") < output.rfind("\x1b[?25h"), "the cursor is hidden"
    assert only_parts(data_folder)


def test_without_a_network_the_embedded_digits_are_a_key_away(
    open_terminal: OpenTerminal, mirrors: Any, program_from: Any, data_folder: Path
):
    program = program_from(mirrors.add("absent", mirrors.refuse))
    terminal = open_terminal("--dataset", "mnist", "--pace", "0", program=program, columns=80, rows=24)
    terminal.shows("HTTP 404")
    terminal.shows("enter: go on with mnist-5k")
    terminal.press("\r")
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert "mnist-5k: " in terminal.left_whole()
