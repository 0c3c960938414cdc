"""A pseudo-terminal with the real program in it: what goes in are keys, what is looked at is the screen."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

import tui_nn

if sys.platform == "win32":
    collect_ignore_glob = ["test_*.py"]
else:
    import pexpect
    import pyte

ROOT = Path(tui_nn.__file__).parents[1]

LIMIT_S = 60
"""How long any one thing may take before the test gives up: far longer than it does."""

QUESTIONS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[c": b"\x1b[?62;22c"}
"""What a program may ask its terminal, and the answers of one without synchronized output."""

MODES = (1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1049, 2004, 2026, 2048)
"""What a program may switch on, and has to switch off: mouse, focus, pastes, whole frames, sizes."""

BEFORE, AFTER = "terminal before: ", "terminal after: "
SHELL = f'echo "{BEFORE}$(stty -g)"; "$@"; status=$?; echo "{AFTER}$(stty -g)"; exit $status'
"""Runs the program and tells the terminal's attributes on both sides of it."""


class Terminal:
    """A terminal emulator with the program in it."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._answered = dict.fromkeys(QUESTIONS, 0)
        self.output = b""
        self.silent = False
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

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, which the program is told by a signal."""
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def hang_up(self) -> None:
        """Close the window: the program is told by a signal, if it is the terminal's own, and reads the end."""
        self.child.ptyproc.fileobj.close()

    def wait_for_exit(self) -> int | None:
        """The exit status of a program whose terminal is no more."""
        end = monotonic() + LIMIT_S
        while self.child.ptyproc.isalive():
            assert monotonic() < end, "it goes on for ever"
            sleep(0.02)
        return self.child.ptyproc.exitstatus

    def until_there(self, file: Path, text: str = "") -> None:
        """Wait for a file, with a text in it."""
        end = monotonic() + LIMIT_S
        while not file.exists() or text not in file.read_text():
            assert monotonic() < end, f"{file} has no {text}"
            sleep(0.02)

    @property
    def step(self) -> int:
        """The step that the status line says; -1 before the run."""
        found = self.find(r"step ([\d,]+)")
        return int(found[1].replace(",", "")) if found else -1

    def left_whole(self) -> str:
        """Check that the terminal is as it was before the program, and return what stands on it now."""
        output = self.output.decode(errors="replace")
        inside, _, after = output.rpartition("\x1b[?1049l")
        assert "\x1b[?1049h" in inside, "the dashboard was on the alternate screen"
        assert "\x1b[?1049h" not in after
        on = {mode for mode in MODES if output.rfind(f"\x1b[?{mode}h") > output.rfind(f"\x1b[?{mode}l")}
        assert not on, f"these modes are still on: {on}"
        assert output.count("\x1b[>") <= output.count("\x1b[<u"), "the keys are still kitty's"
        for mode, what in ((25, "the cursor is hidden"), (7, "lines do not wrap")):
            assert output.rfind(f"\x1b[?{mode}l") <= output.rfind(f"\x1b[?{mode}h"), what
        attributes = re.findall(f"(?:{BEFORE}|{AFTER})(\\S+)", output)
        assert len(set(attributes)) <= 1, f"the terminal's attributes have changed: {attributes}"
        assert "Traceback" not in output
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", after)

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
        for question, answer in () if self.silent else QUESTIONS.items():
            for _ in range(self.output.count(question) - self._answered[question]):
                self._answered[question] += 1
                self.child.send(answer)
        return True


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """open_terminal("--epochs", "3"): tui-nn with those arguments on a terminal of its own."""
    opened: list[Terminal] = []

    def start(
        *arguments: str,
        columns: int = 120,
        rows: int = 40,
        within_shell: bool = True,
        program: str = "",
        kitty: bool = False,
        environ: dict[str, str] | None = None,
    ) -> Terminal:
        environment = {
            name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")
        }
        environment |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONUTF8": "1",
            "TEXTUAL_DISABLE_KITTY_KEY": "0" if kitty else "1",
            "TUI_NN_RUNS": str(tmp_path / "runs"),
            **(environ or {}),
        }
        command = [sys.executable, *(["-c", program] if program else ["-m", "tui_nn"]), *arguments]
        wrapped = ["/bin/sh", "-c", SHELL, "sh", *command] if within_shell else command
        opened.append(Terminal(wrapped, environment, columns, rows))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.child.close(force=True)
