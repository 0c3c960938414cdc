"""The real program in a pseudo-terminal: what goes in are keys, what is looked at is the screen."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

import tui_nn

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

import pexpect
import pyte

ROOT = Path(tui_nn.__file__).parents[1]

LIMIT_S = 60
"""How long any one thing may take before the test gives up: far longer than it does."""

QUESTIONS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""What a program may ask its terminal, and the answers of one without synchronized output."""

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

BEFORE, AFTER = "terminal before: ", "terminal after: "
SHELL = f'echo "{BEFORE}$(stty -g)"; "$@"; status=$?; echo "{AFTER}$(stty -g)"; exit $status'
"""Runs the program and tells the terminal's attributes on both sides of it."""

# Forking beside the threads of earlier tests is safe: the child does nothing but become another program.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


class Terminal:
    """A terminal emulator with the program in it."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._answered = dict.fromkeys(QUESTIONS, 0)
        self.output = b""
        self.child = pexpect.spawn(
            command[0], command[1:], env=environment, cwd=str(ROOT), dimensions=(rows, columns), timeout=LIMIT_S
        )

    @property
    def lines(self) -> list[str]:
        """The screen, a line a row."""
        return list(self._screen.display)

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Read on until the condition holds."""
        end = monotonic() + LIMIT_S
        while not condition():
            if monotonic() > end or not self._read():
                screen = "\n".join(self.lines)
                raise AssertionError(f"never came true: {what}; the screen was\n{screen}")

    def find(self, pattern: str) -> re.Match[str] | None:
        """The first match on the screen."""
        return re.search(pattern, "\n".join(self.lines))

    def shows(self, pattern: str) -> re.Match[str]:
        """Wait until the pattern is on the screen."""
        self.until(lambda: self.find(pattern), pattern)
        found = self.find(pattern)
        assert found is not None
        return found

    def wait_for_end(self) -> int | None:
        """The exit status."""
        end = monotonic() + LIMIT_S
        while self._read():
            assert monotonic() < end, "\n".join(self.lines)
        self.child.wait()
        return self.child.exitstatus

    def _read(self) -> bool:
        """Take what has come, answer what was asked; False at the end."""
        try:
            chunk = self.child.read_nonblocking(65536, timeout=0.1)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.output += chunk
        self._stream.feed(chunk)
        for question, answer in QUESTIONS.items():
            for _ in range(self.output.count(question) - self._answered[question]):
                self._answered[question] += 1
                self.child.send(answer)
        return True


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """open_terminal("--epochs", "3"): tui-nn with those arguments on a terminal of its own."""
    opened: list[Terminal] = []

    def start(
        *arguments: str, columns: int = 120, rows: int = 40, within_shell: bool = True, program: str = ""
    ) -> Terminal:
        environment = {
            name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")
        }
        environment |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONUTF8": "1",
            "TEXTUAL_DISABLE_KITTY_KEY": "1",
            "TUI_NN_RUNS": str(tmp_path / "runs"),
        }
        command = [sys.executable, *(["-c", program] if program else ["-m", "tui_nn"]), *arguments]
        wrapped = ["/bin/sh", "-c", SHELL, "sh", *command] if within_shell else command
        opened.append(Terminal(wrapped, environment, columns, rows))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.child.close(force=True)


def left_whole(terminal: Terminal) -> str:
    """Check that the terminal is as it was before the program, and return what stands on it now."""
    output = terminal.output.decode(errors="replace")
    inside, _, after = output.rpartition("\x1b[?1049l")
    assert "\x1b[?1049h" in inside, "the dashboard was on the alternate screen"
    assert "\x1b[?1049h" not in after
    last = {mode: output.rfind(f"\x1b[?{mode}h") < output.rfind(f"\x1b[?{mode}l") for mode in (1000, 1002, 1006, 2004)}
    assert all(last.values()), f"reports of mouse or paste are still on: {last}"
    assert output.rfind("\x1b[?25l") < output.rfind("\x1b[?25h"), "the cursor is hidden"
    attributes = re.findall(f"(?:{BEFORE}|{AFTER})(\\S+)", output)
    assert len(set(attributes)) <= 1, f"the terminal's attributes have changed: {attributes}"
    assert "Traceback" not in output
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", after)


def loss_of(terminal: Terminal) -> float:
    """The training loss that the legend says."""
    found = terminal.find(r"train\s+(\d\S*)\s+\S validation")
    return float(found[1]) if found else float("inf")


def step_of(terminal: Terminal) -> int:
    found = terminal.find(r"step ([\d,]+)")
    return int(found[1].replace(",", "")) if found else -1


def sign_is_right(terminal: Terminal) -> bool:
    """Whether label, answer and sign fit; a frame that has half arrived may still show the digit before."""
    label, answer = terminal.find(r"it is +(\d)"), terminal.find(r"read as (\d) (✓|✗)")
    return bool(label and answer) and (answer[1] == label[1]) == (answer[2] == "✓")


def test_watch_it_learn_change_it_pause_predict_and_leave(open_terminal: Callable[..., Terminal], tmp_path: Path):
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
    step = step_of(terminal)
    terminal.press("s")
    terminal.until(lambda: step_of(terminal) > step, "one step")
    assert step_of(terminal) == step + 1

    terminal.shows("Test digit 1 of 1000")
    terminal.press("n")
    terminal.shows("Test digit 2 of 1000")
    terminal.until(lambda: sign_is_right(terminal), "a sign that says whether label and answer agree")
    terminal.press("m")
    terminal.until(lambda: not terminal.find("Test digit 2 of 1000"), "a digit that it gets wrong")
    terminal.until(lambda: sign_is_right(terminal) and terminal.find(r"read as \d ✗"), "a wrong answer")

    terminal.press(" ")
    terminal.until(lambda: step_of(terminal) > step + 5, "it goes on")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    summary = left_whole(terminal)
    assert re.search(r"test accuracy \d\d\.\d\d%", summary)
    (checkpoint,) = (tmp_path / "runs").glob("*/last.safetensors")
    assert str(checkpoint) in "".join(summary.split("\r\n"))


def test_interrupted_it_saves_and_says_130(open_terminal: Callable[..., Terminal], tmp_path: Path):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", columns=80, rows=24)
    terminal.until(lambda: step_of(terminal) > 0, "the first steps")
    terminal.press("\x03")
    assert terminal.wait_for_end() == 130
    assert "test accuracy" in left_whole(terminal)
    assert list((tmp_path / "runs").glob("*/last.safetensors"))


def test_terminated_it_saves_and_leaves_the_terminal_whole(open_terminal: Callable[..., Terminal], tmp_path: Path):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", columns=80, rows=24, within_shell=False)
    terminal.until(lambda: step_of(terminal) > 0, "the first steps")
    terminal.child.kill(signal.SIGTERM)
    assert terminal.wait_for_end() == 130
    assert "test accuracy" in left_whole(terminal)
    assert list((tmp_path / "runs").glob("*/last.safetensors"))


def test_when_its_window_is_closed_it_saves_and_is_gone(open_terminal: Callable[..., Terminal], tmp_path: Path):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", columns=80, rows=24, within_shell=False)
    terminal.until(lambda: step_of(terminal) > 0, "the first steps")
    terminal.child.ptyproc.fileobj.close()
    end = monotonic() + LIMIT_S
    while terminal.child.ptyproc.isalive():
        assert monotonic() < end, "it goes on without a terminal"
        sleep(0.05)
    assert terminal.child.ptyproc.exitstatus == 129
    assert list((tmp_path / "runs").glob("*/last.safetensors"))


def test_a_defect_of_the_screen_ends_the_program_and_the_run(open_terminal: Callable[..., Terminal], tmp_path: Path):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", program=DEFECT, within_shell=False)
    assert terminal.wait_for_end() == 1
    assert b"out of order" in terminal.output.rpartition(b"\x1b[?1049l")[2]
    assert list((tmp_path / "runs").glob("*/last.safetensors"))


def test_a_mistake_that_shows_late_is_told_on_the_normal_screen(open_terminal: Callable[..., Terminal], tmp_path: Path):
    terminal = open_terminal("--dataset", f"idx:{tmp_path}")
    assert terminal.wait_for_end() == 2
    told = [line for line in left_whole(terminal).splitlines() if line.startswith("tui-nn: ")]
    assert len(told) == 1
    assert "train-images-idx3-ubyte" in told[0]


def test_without_the_dashboard_a_bar_moves_and_ctrl_c_saves(open_terminal: Callable[..., Terminal], tmp_path: Path):
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
    open_terminal: Callable[..., Terminal], mirrors: Any, program_from: Any, data_folder: Path, key: str, status: int
):
    url = mirrors.add("stalls", mirrors.stall(400_000))
    terminal = open_terminal("--dataset", "mnist", program=program_from(url))
    terminal.shows(r"downloading mnist: 0\.\d of 0\.8 MB.* from 127\.0\.0\.1")
    terminal.press(key)
    assert terminal.wait_for_end() == status
    assert "what came is kept" in left_whole(terminal)
    assert not mirrors.released.is_set()
    assert only_parts(data_folder)


@pytest.mark.parametrize("arguments", [("train", "--dataset", "mnist"), ("datasets", "fetch", "mnist")], ids=" ".join)
def test_so_it_is_without_the_dashboard(
    open_terminal: Callable[..., Terminal],
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
    open_terminal: Callable[..., Terminal], mirrors: Any, program_from: Any, data_folder: Path
):
    program = program_from(mirrors.add("absent", mirrors.refuse))
    terminal = open_terminal("--dataset", "mnist", "--pace", "0", program=program, columns=80, rows=24)
    terminal.shows("HTTP 404")
    terminal.shows("enter: go on with mnist-5k")
    terminal.press("\r")
    terminal.until(lambda: step_of(terminal) > 0, "the first steps")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert "mnist-5k: " in left_whole(terminal)
