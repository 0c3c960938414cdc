"""The real program, with a terminal and without: one run each, ended as its user would end it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import linear_regression
from threading import Thread
from time import perf_counter, sleep
from typing import NamedTuple, Self

from benchmarks import view as v
from benchmarks.keys import EXITS, KEYS, LIVELY, WAIT, Press
from benchmarks.strokes import Point, find_canvas
from benchmarks.terminal import Line, Terminal, Usage, View
from benchmarks.turns import Report
from tui_nn.actions import actions

ROOT = Path(__file__).parents[1]

ENDLESS = ("--epochs", "1000000", "--seed", "0")

SETTINGS = ("--preset", "mlp", "--dataset", "mnist-5k", *ENDLESS)

WARM_S, SPAN_S = 1.0, 3.0
"""Seconds of training left out at its start, and measured after it."""

IDLE_S = 5.0
"""For which a paused run is to write nothing."""

START_S, PRESS_S = 60.0, 3.0
"""How long is waited for the start, a cold compilation included, and for a key: one unanswered counts as so long."""

APART_S = 0.15
"""From what a program writes to the working out of the screen: longer than nearly all answers take."""

REST_S = (0.05, 0.25)
"""Between a screen that is ready and the press: anywhere between two frames."""


class Failed(Exception):
    """The program did not do what is measured; the message has its screen."""


class Watched(NamedTuple):
    """One run of the dashboard without a key but the last; what a system or driver does not tell is None."""

    first_frame_s: float
    first_step_s: float
    steps_per_second: float
    bytes_per_second: float
    frames_per_second: float | None
    cpu_share: float | None
    screen_cpu_share: float | None
    exit_s: float


class Page(NamedTuple):
    """Another screen than the dashboard: the key that opens it, and what it says that is new with each picture."""

    key: str
    shown: Callable[[View], str]


class HeadlessRun:
    """A run without a terminal, as it goes on; it begins whenever it is entered."""

    pid: int

    def __init__(self, folder: Path, settings: Sequence[str] = SETTINGS) -> None:
        self._folder, self._settings = folder, settings
        self.samples_per_step = 0.0
        self._reports: list[Report] = []

    def __enter__(self) -> Self:
        self._reports = []
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tui_nn", "train", *self._settings, "--json"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=_environment(), cwd=self._folder,
        )  # fmt: skip
        self.pid = self._program.pid
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        end = perf_counter() + START_S
        while not self._reports and self._reader.is_alive() and perf_counter() < end:
            sleep(0.01)
        if not self._reports:
            self.__exit__()
            raise Failed("the headless run ends no epoch")
        sleep(WARM_S)
        return self

    def __exit__(self, *error: object) -> None:
        self._program.kill()
        self._program.wait()
        self._reader.join()

    def go_on(self, seconds: float) -> None:
        """Wait."""
        sleep(seconds)

    def reports(self) -> list[Report]:
        """Steps as they were told. Raises Failed for a run that has ended."""
        if self._program.poll() is not None:
            raise Failed("the headless run has ended")
        return list(self._reports)

    def _read(self) -> None:
        samples = 0
        assert self._program.stderr is not None
        for line in self._program.stderr:
            if found := re.search(r": ([\d,]+) training", line):
                samples = int(found[1].replace(",", ""))
            if found := re.match(r"epoch +(\d+) +step +(\d+)", line):
                self._reports.append((perf_counter(), float(found[2])))
                self.samples_per_step = int(found[1]) * samples / int(found[2])


class WatchedRun:
    """The dashboard, or a page that is opened from it, as it goes on; it begins whenever it is entered."""

    pid: int

    def __init__(
        self,
        columns: int,
        rows: int,
        folder: Path,
        settings: Sequence[str] = SETTINGS,
        page: Page | None = None,
        meanwhile: Callable[[Terminal, float], None] = lambda terminal, seconds: sleep(seconds),
    ) -> None:
        self._size, self._folder, self._settings = (columns, rows), folder, settings
        self._page, self._meanwhile = page, meanwhile
        self.pictures = 0
        """What the page has shown that was new, of all that was reported."""

    def __enter__(self) -> Self:
        terminal = self._terminal = _dashboard(*self._size, self._folder, self._settings)
        self.pid = terminal.pid
        try:
            _expect(terminal, lambda view: v.step(view) > 0, "a step")
            if self._page is not None:
                shown = self._page.shown
                terminal.press(self._page.key)
                _expect(terminal, lambda view: bool(shown(view)), "the page")
        except Failed:
            terminal.__exit__()
            raise
        terminal.watch(WARM_S)
        return self

    def __exit__(self, *error: object) -> None:
        self._terminal.__exit__(*error)

    def go_on(self, seconds: float) -> None:
        """Wait, or do what is done meanwhile; the screen is worked out afterwards."""
        self._meanwhile(self._terminal, seconds)

    def reports(self) -> list[Report]:
        """Steps as they came to the screen. Raises Failed for a program that has ended."""
        if self._terminal.end(0) is not None:
            raise Failed("the dashboard has ended\n" + "\n".join(self._terminal.view))
        found: list[Report] = []
        pictures: set[str] = set()
        while (time := _next_step(self._terminal, 0.0)) is not None:
            view = self._terminal.view
            found.append((time, float(v.step(view))))
            if self._page is not None:
                pictures.add(self._page.shown(view))
        self.pictures += len(pictures)
        return found


def watch(
    columns: int,
    rows: int,
    folder: Path,
    exit: tuple[str, str],
) -> Watched:
    """Start the dashboard, let it train for some seconds, and leave by a key of an action."""
    with _dashboard(columns, rows, folder) as terminal:
        first_frame = _expect(terminal, v.complete, "the panels")
        first_step = _expect(terminal, lambda view: v.step(view) > 0, "a step")
        times, steps = [first_step], [float(v.step(terminal.view))]
        sleep(WARM_S)
        before = terminal.usage()
        sleep(SPAN_S)  # a terminal's own work is not to be measured: the screen is worked out afterwards
        after = terminal.usage()
        while (time := _next_step(terminal)) is not None and time < after.time:
            times.append(time)
            steps.append(v.step(terminal.view))
        action, key = exit
        pressed = terminal.press(key)
        status = terminal.end()
        exit_s = perf_counter() - pressed
        if status != EXITS[action]:
            raise Failed(f"{key} ended the program with status {status}, not {EXITS[action]}")
    return Watched(
        first_frame - terminal.started,
        first_step - terminal.started,
        _rate(times, steps),
        (after.bytes - before.bytes) / (after.time - before.time),
        (after.frames - before.frames) / (after.time - before.time) if after.frames else None,
        _share(before, after, "cpu_s"),
        _share(before, after, "screen_cpu_s"),
        exit_s,
    )


def press_keys(columns: int, rows: int, folder: Path, count: int, line: Line | None = None) -> dict[str, list[float]]:
    """Milliseconds from each press to the changed screen, by action; none where an action has nothing to show here."""
    random = Random(0)
    times: dict[str, list[float]] = {}
    with _dashboard(columns, rows, folder, line=line) as terminal:
        _expect(terminal, lambda view: v.step(view) > 0, "a step")
        for id, press in KEYS.items():
            keys = actions()[id].key.split(",")
            _bring(terminal, press, id)
            if line is not None:
                terminal.watch(WARM_S)  # a page comes in pieces
            applies = press.applies(terminal.view)
            times[id] = [
                _time_press(terminal, press, id, keys[index % len(keys)], random)
                for index in range(max(count, len(keys)) if applies else 0)
            ]
        terminal.press("q")
        terminal.end()
    return times


def time_strokes(
    columns: int, rows: int, folder: Path, settings: Sequence[str], strokes: Sequence[Sequence[Point]]
) -> list[float]:
    """Milliseconds from a stroke on an empty canvas, sent in one piece, to the screen that says what it is read as."""
    random, times = Random(0), []
    with _dashboard(columns, rows, folder, settings) as terminal:
        _expect(terminal, lambda view: v.step(view) > 0, "a step")
        terminal.press(actions()["draw.open"].key)
        _expect(terminal, v.drawing, "the canvas")
        for points in strokes:
            terminal.watch(random.uniform(*REST_S))
            sent = terminal.send(b"".join(find_canvas(terminal.view).stroke(points)))
            read = terminal.wait(lambda view: bool(v.read(view)), PRESS_S, apart_s=APART_S)
            times.append(((read - sent) if read is not None else PRESS_S) * 1e3)
            terminal.press("x")
            _expect(terminal, lambda view: not v.read(view), "an empty canvas")
        terminal.press("q")
        terminal.end()
    return times


def idle_bytes(columns: int, rows: int, folder: Path) -> int:
    """What a paused run writes in some seconds, without a key."""
    with _dashboard(columns, rows, folder) as terminal:
        _expect(terminal, lambda view: v.step(view) > LIVELY, "a few steps")
        terminal.press(actions()["training.pause"].key)
        _expect(terminal, lambda view: v.state(view) == "paused", "the pause")
        terminal.watch(WARM_S)
        before = terminal.usage()
        terminal.watch(IDLE_S)
        written = terminal.usage().bytes - before.bytes
        terminal.press("q")
        terminal.end()
    return written


def _time_press(terminal: Terminal, press: Press, id: str, key: str, random: Random) -> float:
    terminal.watch(random.uniform(*REST_S))
    _bring(terminal, press, id)
    before = terminal.view
    if press.answered(before, before):
        raise Failed(f"{id}: the screen shows it before {key} is pressed\n" + "\n".join(before))
    pressed = terminal.press(key)
    answered = terminal.wait(lambda view: press.answered(before, view), PRESS_S, apart_s=APART_S)
    return ((answered - pressed) if answered is not None else PRESS_S) * 1e3


def _bring(terminal: Terminal, press: Press, id: str) -> None:
    """Press what it takes until the screen is ready for the action."""
    for _ in range(30):
        nearer = press.ready(terminal.view)
        if nearer is None:
            return
        if nearer != WAIT:
            terminal.press(actions()[nearer].key.split(",")[0] if nearer in actions() else nearer)
        terminal.wait(lambda view, nearer=nearer: press.ready(view) != nearer, PRESS_S)  # type: ignore[misc]
    raise Failed(f"{id}: the screen does not get ready for it\n" + "\n".join(terminal.view))


def _dashboard(
    columns: int, rows: int, folder: Path, settings: Sequence[str] = SETTINGS, line: Line | None = None
) -> Terminal:
    command = [sys.executable, "-m", "tui_nn", *settings, "--pace", "0"]
    return Terminal(command, columns, rows, _environment(), folder, line)


def _next_step(terminal: Terminal, timeout_s: float = PRESS_S) -> float | None:
    shown = v.step(terminal.view)
    return terminal.wait(lambda view: v.step(view) > shown, timeout_s)


def _expect(terminal: Terminal, until: Callable[[View], bool], what: str) -> float:
    time = terminal.wait(until, START_S)
    if time is None:
        raise Failed(f"{what} did not come\n" + "\n".join(terminal.view))
    return time


def _environment() -> dict[str, str]:
    """Runs in the folder where the program stands: the name of a checkpoint fits on a small screen."""
    return {**os.environ, "TUI_NN_RUNS": "runs", "TUI_NN_SETTINGS": "settings.toml", "PYTHONPATH": str(ROOT)}


def _rate(times: list[float], counts: list[float]) -> float:
    """The slope through all points after the warm-up: a report that comes late moves it little."""
    kept = [(time, count) for time, count in zip(times, counts, strict=True) if time - times[0] >= WARM_S]
    return linear_regression(*zip(*kept, strict=True)).slope


def _share(before: Usage, after: Usage, name: str) -> float | None:
    first, last = getattr(before, name), getattr(after, name)
    return None if first is None else (last - first) / (after.time - before.time)
