"""A pseudo-terminal with the real program in it: what goes in are keys, what is looked at is the screen."""

import os
import re
import select
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
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

LONGEST = max(map(len, QUESTIONS))

MODES = (1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1049, 2004, 2026, 2048)
"""What a program may switch on, and has to switch off: mouse, focus, pastes, whole frames, sizes."""

BEFORE, AFTER = "terminal before: ", "terminal after: "
SHELL = f'echo "{BEFORE}$(stty -g)"; "$@"; status=$?; echo "{AFTER}$(stty -g)"; exit $status'
"""Runs the program and tells the terminal's attributes on both sides of it."""


class Terminal:
    """A terminal emulator with the program in it."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path, columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.output = b""
        self.silent = False
        self.shown = True
        """Whether output is shown on the screen, which costs far more than to receive it."""
        self.child = pexpect.spawn(
            command[0], command[1:], env=environment, cwd=str(folder), dimensions=(rows, columns), timeout=LIMIT_S
        )

    @property
    def lines(self) -> list[str]:
        """The screen, a line a row."""
        return list(self._screen.display)

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def lives(self, timeout_s: float = 0.1) -> None:
        """Read, and say what it left behind if there is nothing more."""
        assert self.read(timeout_s), "it has ended: " + self.output[-3000:].decode(errors="replace")

    def press_until(self, keys: str, condition: Callable[[], object]) -> None:
        """Press again and again: what follows an escape at once is one with it."""
        end = monotonic() + LIMIT_S
        while not condition():
            assert monotonic() < end, f"{keys!r} does nothing; the screen was\n" + "\n".join(self.lines)
            self.press_for_a_while(keys, condition)

    def press_for_a_while(self, keys: str, condition: Callable[[], object]) -> None:
        """Press, and read until the condition holds, but no more than fifty times."""
        self.press(keys)
        for _ in range(50):
            if not condition():
                self.lives()

    def send(self, data: bytes) -> None:
        """Send much of it, and read meanwhile: who only sends would fill both directions."""
        fd, left = self.child.child_fd, memoryview(data)
        while left:
            if select.select([], [fd], [], 0)[1]:
                left = left[os.write(fd, left[:1024]) :]
            self.lives(0)

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Read on until the condition holds."""
        end = monotonic() + LIMIT_S
        while not condition():
            if monotonic() > end or not self.read():
                screen = "\n".join(self.lines)
                raise AssertionError(f"never came true: {what}; the screen was\n{screen}")

    def until_silent(self, reads: int = 20) -> None:
        """Read on until nothing comes any more so many times, as when a run is paused."""
        silent = 0
        while silent < reads:
            before = len(self.output)
            self.lives()
            silent = silent + 1 if len(self.output) == before else 0

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
        while self.read():
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

    def clear(self) -> None:
        """Forget what stood on the screen."""
        self._screen.reset()

    @property
    def program(self) -> int:
        """The program's process, under a shell."""
        for pid in self._pids():
            with suppress(OSError):
                if Path(f"/proc/{pid}/cmdline").read_text().startswith(sys.executable):
                    return pid
        raise AssertionError("it has ended")

    def kill(self) -> None:
        """End all that was begun on this terminal: the program goes on by itself when its terminal is closed."""
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.child.close(force=True)

    def _pids(self) -> list[int]:
        """The processes of the terminal's session."""
        found = subprocess.run(["ps", "-A", "-o", "pid=,sess="], capture_output=True, text=True, check=True).stdout
        pairs = [line.split() for line in found.splitlines()]
        return [int(pid) for pid, session in pairs if session == str(self.child.pid)]

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

    def read(self, timeout_s: float = 0.1) -> bool:
        """Take what has come, answer what was asked; False at the end."""
        try:
            chunk = self.child.read_nonblocking(65536, timeout=timeout_s)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        seen = self.output[1 - LONGEST :] + chunk
        before = seen[: -len(chunk)]
        self.output += chunk
        if self.shown:
            self._stream.feed(chunk)
        for question, answer in () if self.silent else QUESTIONS.items():
            for _ in range(seen.count(question) - before.count(question)):
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
        job_control: bool = False,
    ) -> Terminal:
        environment = {
            name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")
        }
        environment |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "TEXTUAL_DISABLE_KITTY_KEY": "0" if kitty else "1",
            "TUI_NN_RUNS": str(tmp_path / "runs"),
            **(environ or {}),
        }
        command = [sys.executable, *(["-c", program] if program else ["-m", "tui_nn"]), *arguments]
        wrapped = ["/bin/sh", "-c", SHELL, "sh", *command] if within_shell else command
        if job_control:
            wrapped = ["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"]
        opened.append(Terminal(wrapped, environment, tmp_path, columns, rows))
        if job_control:
            # Within another shell, as make does it: the whole job is to stop.
            opened[-1].press(f"/bin/sh -c '\"$@\"; exit $?' sh {shlex.join(command)}\r")
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.kill()
