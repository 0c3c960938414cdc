import sys
from pathlib import Path
from time import perf_counter

from benchmarks.terminal import Terminal

PROGRAM = r"""
import sys, tty
tty.setraw(0)
sys.stdout.write("\x1b[6n"); sys.stdout.flush()
answer = sys.stdin.read(6)
sys.stdout.write("\x1b[?2026h\x1b[2J\x1b[Hasked " + repr(answer) + "\x1b[?2026l"); sys.stdout.flush()
key = sys.stdin.read(1)
sys.stdout.write("\x1b[?2026h\x1b[2;1Hkey " + key + "\x1b[?2026l"); sys.stdout.flush()
sys.exit(3)
"""


def test_a_program_is_answered_read_and_waited_for(tmp_path: Path):
    with Terminal([sys.executable, "-c", PROGRAM], 40, 5, {}, tmp_path) as terminal:
        shown = terminal.wait(lambda view: "asked" in view[0], 20)
        assert shown is not None
        assert terminal.started < shown < perf_counter()
        assert terminal.view[0] == r"asked '\x1b[1;1R'"
        pressed = terminal.press("question_mark")
        answered = terminal.wait(lambda view: view[1] == "key ?", 20)
        assert answered is not None
        assert answered > pressed
        assert terminal.end() == 3
        assert terminal.wait(lambda view: "never" in view[0], 20) is None
        assert terminal.frames == 2
        assert terminal.bytes > 40


def test_a_program_that_stays_is_ended_with_its_terminal(tmp_path: Path):
    with Terminal([sys.executable, "-c", "import time; time.sleep(60)"], 20, 5, {}, tmp_path) as terminal:
        assert terminal.end(timeout_s=0.1) is None
    assert terminal.end() == -9


def test_a_screen_that_is_worked_out_apart_has_its_times(tmp_path: Path):
    with Terminal([sys.executable, "-c", PROGRAM], 40, 5, {}, tmp_path) as terminal:
        shown = terminal.wait(lambda view: "asked" in view[0], 20, apart_s=0.5)
        seen = perf_counter()
        assert shown is not None
        # It came while nobody looked, and was stamped then.
        assert terminal.started < shown < seen
        pressed = terminal.press("question_mark")
        answered = terminal.wait(lambda view: view[1] == "key ?", 20, apart_s=0.5)
        assert answered is not None
        assert pressed < answered < perf_counter()
        assert terminal.end() == 3
