"""However the program ends, the terminal is as it was, and what was wrong stands on it in one line."""

import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.training.checkpoint import load_checkpoint

OpenTerminal = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

BROKEN = """
import sys
from tui_nn.cli import run
import tui_nn.app, tui_nn.panels.loss, tui_nn.screens.dashboard, tui_nn.screens.help, tui_nn.terminal.driver
import tui_nn.link.screen

def defect(*arguments, **options):
    raise RuntimeError("out of order")

{where} = defect
sys.exit(run(sys.argv[1:]))
"""

PLACES = {
    "a panel": "tui_nn.panels.loss.LossPanel.draw",
    "a screen": "tui_nn.screens.dashboard.DashboardScreen.compose",
    "the start of the app": "tui_nn.app.TuiNN.on_mount",
    "the app's making": "tui_nn.app.RunState",
    "a frame": "tui_nn.app.TuiNN._probe",
    "the driver": "tui_nn.terminal.driver.TerminalDriver._get_terminal_size",
    "its keyboard": "tui_nn.terminal.driver.TerminalDriver.process_message",
    "the link": "tui_nn.link.screen.Screen.frame",
}


@pytest.mark.parametrize("where", PLACES)
def test_a_defect_is_told_in_a_line_and_its_traceback_is_in_the_log(
    open_terminal: OpenTerminal, tmp_path: Path, where: str
):
    file = tmp_path / "mine.safetensors"
    program = BROKEN.format(where=PLACES[where])
    terminal = open_terminal("--checkpoint", str(file), "--pace", "0", "--epochs", "100000", program=program)
    assert terminal.wait_for_end() == 1
    if b"\x1b[?1049h" in terminal.output:
        after = terminal.left_whole()
    else:
        after = terminal.output.decode()
        assert "Traceback" not in after
    log = file.with_suffix(".log")
    told = "".join(after.split("\r\n"))
    assert f"tui-nn: RuntimeError: out of order: a defect of the program; see {log}" in told
    assert "Traceback" in log.read_text()
    if where == "a frame":
        assert "test accuracy" in after
        load_checkpoint(file)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_from_outside_saves_and_says_130(open_terminal: OpenTerminal, tmp_path: Path, number: int):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--checkpoint", str(file), "--pace", "0", "--epochs", "100000", within_shell=False)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.child.kill(number)
    assert terminal.wait_for_end() == 130
    assert "test accuracy" in terminal.left_whole()
    load_checkpoint(file)


def test_a_terminal_with_every_feature_gets_all_of_them_back(open_terminal: OpenTerminal):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", kitty=True)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("\x1b[113;1;113u")
    assert terminal.wait_for_end() == 0
    terminal.left_whole()


def test_a_mistake_leaves_no_folder_behind(open_terminal: OpenTerminal, tmp_path: Path):
    terminal = open_terminal("--dataset", f"idx:{tmp_path}/nowhere")
    assert terminal.wait_for_end() == 2
    assert len(re.findall("tui-nn: ", terminal.left_whole())) == 1
    assert not list((tmp_path / "runs").glob("*"))


def test_a_terminal_that_tells_its_size_among_the_keys_is_not_asked_to(open_terminal: OpenTerminal):
    """Over ssh it may come before the size itself, and what comes after it, a signal, would not be heard any more."""
    terminal = open_terminal("--pace", "0", "--epochs", "100000")
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("\x1b[?2048;2$y" + "\x1b[48;24;80;480;800t" + " ")
    terminal.shows("‖ paused")
    terminal.resize(80, 24)
    terminal.until(lambda: len(terminal.lines) == 24 and terminal.find("Page 1/2"), "the layout of that size")
    assert b"\x1b[?2048h" not in terminal.output
    assert b"\x1b[?1016h" not in terminal.output
    terminal.press("q")
    assert terminal.wait_for_end() == 0
