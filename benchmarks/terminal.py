"""A program in a pseudo-terminal: keys go in, what it writes goes to an emulated screen with the time it came."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import perf_counter, sleep
from typing import NamedTuple

import pyte

View = tuple[str, ...]
"""The rows of the screen, as a reader sees them."""

ANSWERS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?62;22c", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""What a terminal says when asked for the cursor, for its kind, and whether it shows frames only when whole."""

BEGIN, END = b"\x1b[?2026h", b"\x1b[?2026l"
"""Around a frame, which a terminal shows when it is whole."""

LONGEST = max(map(len, (*ANSWERS, BEGIN, END)))

NAMED = {
    "space": b" ", "enter": b"\r", "escape": b"\x1b", "tab": b"\t", "shift+tab": b"\x1b[Z", "backspace": b"\x7f",
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D", "home": b"\x1b[H", "end": b"\x1b[F",
    "delete": b"\x1b[3~", "pageup": b"\x1b[5~", "pagedown": b"\x1b[6~", "f1": b"\x1bOP", "f2": b"\x1bOQ",
    "plus": b"+", "minus": b"-", "equals_sign": b"=", "question_mark": b"?", "comma": b",", "full_stop": b".",
    "slash": b"/", "left_square_bracket": b"[", "right_square_bracket": b"]",
    "left_curly_bracket": b"{", "right_curly_bracket": b"}",
}  # fmt: skip


SCREEN_THREADS = ("link",)
"""Beside the main one: those that the screen is made of (their names in /proc)."""

TICK_S = 0.005
"""Between two looks at a link of limited speed."""


class Line(NamedTuple):
    """What is between program and terminal: so many bytes a second come out, of those that it holds at most."""

    bytes_per_second: float
    holds: int


class Usage(NamedTuple):
    """What the program has used up so far; processor seconds are None where the system does not tell."""

    time: float
    bytes: int
    frames: int
    cpu_s: float | None
    screen_cpu_s: float | None


class Terminal:
    """One program, from its start to its end.

    A thread stamps and answers as bytes arrive, and the screen is worked out later: a time measured is the program's,
    not the emulator's.
    """

    def __init__(
        self,
        command: Sequence[str],
        columns: int,
        rows: int,
        env: Mapping[str, str],
        cwd: Path,
        line: Line | None = None,
    ) -> None:
        self._line = line
        self.bytes = self.frames = 0
        self._rows = [""] * rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._chunks: SimpleQueue[tuple[float, bytes, bool]] = SimpleQueue()
        self._ended = False
        self._fd, program_side = pty.openpty()
        fcntl.ioctl(program_side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        kind = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_DISABLE_KITTY_KEY": "1"}
        self.started = perf_counter()
        self._program = subprocess.Popen(
            command,
            stdin=program_side,
            stdout=program_side,
            stderr=program_side,
            env={**os.environ, **kind, **env},
            cwd=cwd,
            start_new_session=True,
        )
        os.close(program_side)
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The program's."""
        return self._program.pid

    @property
    def view(self) -> View:
        """The screen as far as it has been worked out."""
        for y in self._screen.dirty:
            line = self._screen.buffer[y]
            self._rows[y] = "".join(line[x].data for x in range(self._screen.columns)).rstrip()
        self._screen.dirty.clear()
        return tuple(self._rows)

    def press(self, key: str) -> float:
        """Press a key, by Textual's name for it, on the screen as it is now; returns the time."""
        data = key_bytes(key)
        self.watch(0)
        return self.send(data)

    def send(self, data: bytes) -> float:
        """Send what a terminal would; returns the time before."""
        now = perf_counter()
        os.write(self._fd, data)
        return now

    def wait(self, until: Callable[[View], bool], timeout_s: float, *, apart_s: float = 0.0) -> float | None:
        """The time at which a whole frame came that makes it true; None if none came in time, or the program ended.

        apart_s: the screen is worked out so many seconds later. An emulator that works while the program answers takes
        a core from it, which no terminal at the other end of a line does.
        """
        if until(self.view):
            return perf_counter()
        limit = perf_counter() + timeout_s
        while not self._ended:
            try:
                if apart_s and self._chunks.empty():
                    sleep(min(apart_s, max(0, limit - perf_counter())))
                time, data, whole = self._chunks.get(timeout=max(0, limit - perf_counter()))
            except Empty:
                return None
            self._stream.feed(data)
            if whole and until(self.view):
                return time
            self._ended = not data
        return None

    def watch(self, seconds: float) -> None:
        """Take in what comes for so long."""
        self.wait(lambda view: False, seconds)

    def usage(self) -> Usage:
        """Counted up to now."""
        process = Path(f"/proc/{self._program.pid}")
        return Usage(perf_counter(), self.bytes, self.frames, _cpu_s(process / "stat"), self._screen_cpu_s(process))

    def end(self, timeout_s: float = 15) -> int | None:
        """Wait for the program's end; returns its exit status, or None if it goes on."""
        try:
            return self._program.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        self._program.kill()
        self._program.wait()
        self._reader.join()
        os.close(self._fd)

    def _screen_cpu_s(self, process: Path) -> float | None:
        """Of the main thread, and of those that bring the screen to the terminal."""
        try:
            tasks = [
                task
                for task in (process / "task").iterdir()
                if task.name == process.name or (task / "comm").read_text().strip() in SCREEN_THREADS
            ]
        except OSError:
            return None
        times = [_cpu_s(task / "stat") for task in tasks]
        return sum(time for time in times if time is not None) if times else None

    def _read(self) -> None:
        before, open_frame = b"", False
        for data in self._pieces() if self._line is None else self._slow_pieces(self._line):
            now = perf_counter()
            # What is split between two reads is found in the second one, and nothing twice.
            seen = before + data
            for query, answer in ANSWERS.items():
                for _ in range(seen.count(query) - before.count(query)):
                    self._answer(answer)
            begin, end = seen.rfind(BEGIN), seen.rfind(END)
            open_frame = begin > end if max(begin, end) >= 0 else open_frame
            self.bytes += len(data)
            self.frames += seen.count(END) - before.count(END)
            self._chunks.put((now, data, not open_frame))
            before = seen[-LONGEST:]

    def _answer(self, answer: bytes) -> None:
        with contextlib.suppress(OSError):  # the program has gone, and the line still held a question
            os.write(self._fd, answer)

    def _pieces(self) -> Iterator[bytes]:
        """What the program writes, as it comes; nothing at its end."""
        data = b"-"
        while data:
            try:
                data = os.read(self._fd, 1 << 16)
            except OSError:  # Linux's way to say that the program has gone
                data = b""
            yield data

    def _slow_pieces(self, line: Line) -> Iterator[bytes]:
        """The same at the line's pace: it takes in what it can hold, and lets out what has had the time."""
        written, held, last, room = self._pieces(), bytearray(), perf_counter(), 0.0
        ended = False
        while held or not ended:
            takes = not ended and len(held) < line.holds
            if takes and select.select([self._fd], [], [], TICK_S)[0]:
                data = next(written)
                held += data
                ended = not data
            elif not takes:
                sleep(TICK_S)
            now = perf_counter()
            room, last = min(room + (now - last) * line.bytes_per_second, line.bytes_per_second / 10), now
            count = min(int(room), len(held))
            if count:
                piece = bytes(held[:count])
                del held[:count]
                room -= count
                yield piece
        yield b""


def key_bytes(key: str) -> bytes:
    """What a keyboard sends. Raises ValueError for a name that is not known here."""
    if key in NAMED:
        return NAMED[key]
    control, _, letter = key.rpartition("+")
    if len(letter) == 1 and letter.isascii() and control in ("", "ctrl"):
        return letter.encode() if not control else bytes([ord(letter.upper()) & 0x1F])
    raise ValueError(f"no bytes known for the key {key!r}; add them to benchmarks/terminal.py")


def _cpu_s(stat: Path) -> float | None:
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
