"""Digits drawn in a real pseudo-terminal, by mouse and by keys, and read by the network that is being trained."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.strokes import Point, find_canvas
from engine.training import events as e
from engine.training.config import make_config, read_preset
from engine.training.trainer import Trainer

OpenTerminal = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

DIGITS: dict[str, list[Point]] = {
    "1": [(0.54, 0.14), (0.47, 0.86)],
    "7": [(0.25, 0.2), (0.74, 0.2), (0.42, 0.85)],
    "0": [(0.5 + 0.2 * math.sin(n * math.pi / 8), 0.5 - 0.34 * math.cos(n * math.pi / 8)) for n in range(17)],
}
"""Strokes as people make them, in widths and heights of the canvas."""

KEYS = {(0, -1): "k", (0, 1): "\x1b[B", (-1, 0): "h", (1, 0): "\x1b[C"}
"""Of every other direction the arrow, so that both kinds are used."""


@pytest.fixture(scope="module")
def lenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a LeNet-5 after five epochs on the embedded digits."""
    path = tmp_path_factory.mktemp("lenet") / "lenet.safetensors"
    told: list[e.AnyEvent] = []
    config = make_config({**read_preset("lenet")[1], "epochs": 5, "seed": 0})
    Trainer(config, told.append, checkpoint=path).run()
    (ended,) = (event for event in told if isinstance(event, e.RunEnded))
    assert ended.summary["test_accuracy"] > 0.93
    return path


class Hand:
    """Draws on the canvas that is on the screen now."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal
        self._pen = (14, 14)
        terminal.until(lambda: is_painted(terminal.lines), "a canvas painted to its end: a screen comes in parts")
        self._canvas = find_canvas(terminal.lines)

    def by_mouse(self, points: list[Point], *, left: float = 0.0, button: int = 0, burst: bool = False) -> None:
        """A stroke through points; in a burst without moves between them, and all at once."""
        reports = self._canvas.stroke([(x + left, y) for x, y in points], button=button, smooth=not burst)
        for report in [b"".join(reports)] if burst else reports:
            self._terminal.press(report.decode())
            self._terminal.read(0.005)

    def by_keys(self, points: list[Point]) -> None:
        """Go to the first point with the pen up, set it down, and follow the others."""
        cells = [(round(x * 28), round(y * 28)) for x, y in points]
        self._go(cells[0])
        self._terminal.press(" ")
        self._terminal.shows("pen down")
        for cell in cells[1:]:
            self._go(cell)
        self._terminal.press(" ")
        self._terminal.shows("pen up")

    def _go(self, to: tuple[int, int]) -> None:
        """One key after the other, along the straight line; the screen says where the pen has come to."""
        while self._pen != to:
            x, y = self._pen
            across, down = to[0] - x, to[1] - y
            step = (int(math.copysign(1, across)), 0) if abs(across) >= abs(down) else (0, int(math.copysign(1, down)))
            self._terminal.press(KEYS[step])
            self._pen = (x + step[0], y + step[1])
            self._terminal.shows(" {},{} ".format(*self._pen))


def is_painted(view: list[str]) -> bool:
    try:
        find_canvas(view)
    except ValueError:
        return False
    return True


def opened(open_terminal: OpenTerminal, lenet: Path, *options: str, **size: int) -> tuple[Any, Hand]:
    """The canvas of a run that goes on from the checkpoint."""
    terminal = open_terminal("--resume", str(lenet), "--epochs", "100000", *options, **size)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("D")
    terminal.shows("Draw a digit")
    terminal.shows("nothing is drawn|Read as")
    return terminal, Hand(terminal)


def is_read(terminal: Any, number: str) -> None:
    terminal.shows(f"─ Read as {number} ─")


def cleared(terminal: Any) -> None:
    terminal.press("x")
    terminal.shows("─ Read as ─")


@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (80, 24)])
def test_drawn_with_the_mouse_while_it_trains_at_full_speed(
    columns: int, rows: int, open_terminal: OpenTerminal, lenet: Path
):
    terminal, hand = opened(open_terminal, lenet, "--pace", "0", columns=columns, rows=rows)
    for number, points in DIGITS.items():
        hand.by_mouse(points)
        is_read(terminal, number)
        # A glance at the stroke before its end may be less sure.
        terminal.shows(rf"{number} (5[1-9]|[6-9]\d|100)%")
        step = terminal.step
        terminal.until(lambda step=step: terminal.step > step, "it trains on")
        cleared(terminal)
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    terminal.left_whole()


def test_drawn_with_keys_alone_in_plain_ascii(open_terminal: OpenTerminal, lenet: Path):
    """Without colour, mouse or Unicode."""
    environ = {"NO_COLOR": "1", "LC_ALL": "C", "PYTHONUTF8": "0", "TERM": "vt220"}
    terminal = open_terminal(
        "--resume", str(lenet), "--epochs", "100000", "--pace", "0", columns=80, rows=24, environ=environ
    )
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("D")
    terminal.shows("- Draw a digit -")
    hand = Hand(terminal)
    for number, points in DIGITS.items():
        hand.by_keys(points)
        terminal.shows(f"- Read as {number} -")
        assert "\n".join(terminal.lines).isascii()
        terminal.press("x")
        terminal.shows("- Read as -")
    terminal.press("q")
    assert terminal.wait_for_end() == 0


def test_moves_that_come_all_at_once_are_one_line(open_terminal: OpenTerminal, lenet: Path):
    """As over a link that stalls: a seven of three points. Its bar is rubbed out with the right button, and undone."""
    terminal, hand = opened(open_terminal, lenet, "--pace", "0")
    hand.by_mouse(DIGITS["7"], burst=True)
    is_read(terminal, "7")
    terminal.press("e")
    terminal.shows("eraser")
    terminal.press("e")
    terminal.shows("pen size")
    hand.by_mouse([(0.2, 0.2), (0.66, 0.2)], button=2)
    is_read(terminal, "1")
    terminal.press("u")
    is_read(terminal, "7")


def test_a_number_is_cut_and_read_digit_by_digit_and_learned_from(
    open_terminal: OpenTerminal, lenet: Path, tmp_path: Path
):
    terminal, _ = opened(open_terminal, lenet, "--pace", "0")
    terminal.press("w")
    terminal.shows(r"╭─ Draw a number ─+╮\n(│[^│]*│\n)+╰─.* size 3/5 ─╯\n╭─ As the network sees it")
    hand = Hand(terminal)
    for place, number in enumerate("170"):
        hand.by_mouse(DIGITS[number], left=0.2 + place * 1.1)
    is_read(terminal, "170")
    terminal.shows(r"1 \d+% +7 \d+% +0 \d+%")
    terminal.shows("┊.*┊")
    terminal.press("\r")
    terminal.shows("It is read as 170")
    terminal.press("17\r")
    terminal.shows("17: expected 3 digits")
    terminal.press("0\r")
    terminal.shows("saved as 001-170.png and added")
    (folder,) = (tmp_path / "runs").glob("*/drawings")
    assert sorted(path.name for path in folder.iterdir()) == [
        "001-170-mnist-1.png",
        "001-170-mnist-2.png",
        "001-170-mnist-3.png",
        "001-170.png",
    ]
    assert np.asarray(Image.open(folder / "001-170-mnist-2.png")).shape == (28, 28)
    terminal.press("q")
    assert terminal.wait_for_end() == 0


def test_other_data_have_nothing_to_draw(open_terminal: OpenTerminal):
    terminal = open_terminal("--preset", "iris", "--epochs", "100000", columns=80, rows=24)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("D")
    terminal.shows("iris is nothing to draw")
