"""What is printed while the screen is on, by whatever means, stands in the log and never across the screen."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OpenTerminal = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

CHATTY = """
import ctypes, faulthandler, logging, os, subprocess, sys, threading, warnings
from tui_nn.cli import run
from tui_nn.panels.loss import LossPanel

def chat():
    print("stray one, printed")
    print("stray two, printed as an error", file=sys.stderr)
    warnings.warn("stray three, a warning")
    logging.getLogger("library").warning("stray four, logged")
    os.write(1, b"stray five, straight to the descriptor\\n")
    os.write(2, b"stray six, \\x1b[2J\\x1b]0;title\\x07with codes\\n")
    library = ctypes.CDLL(None)
    library.puts(b"stray seven, by a library")
    library.fflush(None)
    subprocess.run(["/bin/echo", "stray eight, by a child"])
    print("stray nine:  10 %\\rstray nine: 100 %", flush=True)

draw = LossPanel.draw

def first_draw(panel, *arguments):
    LossPanel.draw = draw
    chat()
    threading.Thread(target=print, args=["stray ten, by a thread"]).start()
    return draw(panel, *arguments)

LossPanel.draw = first_draw
sys.exit(run(sys.argv[1:]))
"""

KINDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def test_it_is_counted_shown_on_a_page_kept_and_repeated(open_terminal: OpenTerminal, tmp_path: Path):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--checkpoint", str(file), program=CHATTY)
    terminal.shows(r"1[01] printed: L")  # a warning comes with the line of code, where that is known
    terminal.until(lambda: terminal.step > 0, "the first steps")
    assert b"stray" not in terminal.output
    terminal.press("L")
    for kind in KINDS:
        terminal.shows(f"stray {kind}")
    terminal.shows("stray six, with codes")
    assert terminal.find("stray nine:  10 %") is None
    terminal.press("q")
    terminal.shows("─ Loss ─")
    assert terminal.find("printed: L") is None
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    after = terminal.left_whole()
    kept = file.with_suffix(".log").read_text()
    for kind in KINDS:
        assert after.count(f"stray {kind}") == 1
        assert f"stray {kind}" in kept
    assert str(file.with_suffix(".log")) in "".join(after.split("\r\n"))
    assert after.index("stray ten") < after.index("test accuracy")


TORRENT = """
import os, sys, threading
from tui_nn.cli import run
from tui_nn.panels.loss import LossPanel

def pour():
    for _ in range(1000):
        os.write(2, b"".join(b"line %d of a torrent\\n" % number for number in range(1000)))

draw = LossPanel.draw

def first_draw(panel, *arguments):
    LossPanel.draw = draw
    threading.Thread(target=pour).start()
    return draw(panel, *arguments)

LossPanel.draw = first_draw
sys.exit(run(sys.argv[1:]))
"""


def memory_mb(pid: int) -> float:
    """The most that it has had, where the system tells."""
    if sys.platform != "linux":
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


def test_a_million_lines_hold_up_neither_screen_nor_run(open_terminal: OpenTerminal, tmp_path: Path):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--checkpoint", str(file), "--pace", "1", program=TORRENT, within_shell=False)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    before = memory_mb(terminal.child.pid)
    terminal.press("L")
    terminal.shows(r"line \d+ of a torrent")
    terminal.press("q")
    step = terminal.step
    terminal.until(lambda: terminal.step > step, "it goes on")
    terminal.press(" ")
    terminal.shows("paused")
    assert memory_mb(terminal.child.pid) < before + 50
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert terminal.left_whole().count("of a torrent") <= 20
    assert file.with_suffix(".log").stat().st_size < 33 << 20


def test_errors_that_were_sent_elsewhere_go_there(open_terminal: OpenTerminal, tmp_path: Path):
    program = CHATTY.replace(
        "import ctypes", f"import os; os.dup2(os.open({str(tmp_path / 'errors')!r}, 66), 2)\nimport ctypes"
    )
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--checkpoint", str(file), program=program)
    terminal.shows(r"\d printed: L")
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    terminal.left_whole()
    assert "stray six" in (tmp_path / "errors").read_text()
    kept = file.with_suffix(".log").read_text()
    assert "stray five" in kept
    assert "stray six" not in kept
