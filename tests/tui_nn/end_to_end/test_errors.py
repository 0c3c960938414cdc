"""What a network gets wrong, and why, looked at in a real pseudo-terminal while it trains."""

import re
from collections.abc import Callable
from typing import Any

import pytest

OpenTerminal = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

PLAIN = {"NO_COLOR": "1", "LC_ALL": "C", "PYTHONUTF8": "0", "TERM": "vt220"}

DOWN, RIGHT, ESCAPE = "\x1b[B", "\x1b[C", "\x1b"


def opened(open_terminal: OpenTerminal, **options: Any) -> Any:
    terminal = open_terminal("--epochs", "100000", "--pace", "0", **options)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    return terminal


def row_of(terminal: Any, label: str) -> list[int]:
    """The counts of a class in the matrix, signs and pointer left out."""
    found = terminal.shows(rf"[│|]{label} +((?:[▸>]?(?:\d+|·|\.)[+#]? +){{10}})")
    return [int(part) if part.isdecimal() else 0 for part in re.findall(r"\d+|[·.]", found[1])]


@pytest.mark.parametrize("environ", [{}, PLAIN], ids=["colour", "plain"])
def test_from_a_cell_to_its_digits_and_back(environ: dict[str, str], open_terminal: OpenTerminal):
    terminal = opened(open_terminal, columns=80, rows=24, environ=environ)
    terminal.press("E")
    terminal.shows(r"Confusion in test, step [\d,]+: \d+ of 1,000 wrong")
    terminal.shows(r"Worst mistakes: \d+")
    before = terminal.shows(r"Confusion in test, step ([\d,]+)")[1]
    terminal.until(lambda: terminal.shows(r"Confusion in test, step ([\d,]+)")[1] != before, "measured again")
    terminal.press(" ")
    terminal.until_silent()
    assert sum(sum(row_of(terminal, str(label))) for label in range(10)) == 1000
    terminal.press(DOWN)
    label, answer = terminal.shows(r"(\d) read as (\d): \d+ of \d+,").groups()
    count = int(terminal.shows(rf"{label} read as {answer}: (\d+) of")[1])
    assert count == row_of(terminal, label)[int(answer)] > 0
    terminal.shows(rf"{label} read as {answer}: {count} [─-]")
    terminal.shows(rf"{label} as {answer} \d+%")
    terminal.press(DOWN)
    terminal.shows(rf"{(int(label) + 1) % 10} read as {answer}: \d+ of \d+")
    assert not environ or "\n".join(terminal.lines).isascii()
    # One for the cell, one for the screen.
    terminal.press_until(ESCAPE, lambda: terminal.find("Worst mistakes"))
    terminal.press_until(ESCAPE, lambda: terminal.find("[─-] Loss [─-]"))
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    terminal.left_whole()


@pytest.mark.parametrize("environ", [{}, PLAIN], ids=["colour", "plain"])
def test_a_slider_that_is_moved_changes_what_it_is_read_as(environ: dict[str, str], open_terminal: OpenTerminal):
    terminal = opened(open_terminal, columns=80, rows=24, environ=environ)
    terminal.until(lambda: terminal.step > 500, "it has learned something")
    terminal.press("I")
    terminal.shows(r"shift right +0 ")
    terminal.press(" ")
    terminal.until_silent()
    before = terminal.shows(r"[▸>] shift right +0 +((?:[▸>]?\d *){17})")[1]
    places = re.findall(r"\d", before)
    for pixels in range(1, 9):
        terminal.press(RIGHT)
        terminal.shows(rf"shift right +\+{pixels} ")
        terminal.shows(rf"read as {places[8 + pixels]} \d+%")
    terminal.shows(r"Test digit 1 of 1000, changed")
    # The other sliders are those of the moved digit now.
    terminal.shows(rf"[▸>]{places[16]} *[│|]")
    terminal.press("0")
    terminal.shows(rf"read as {places[8]} \d+%")
    terminal.press("v")
    terminal.shows(r"What speaks for \d")
    terminal.shows(rf"now {places[8]} ")
    terminal.shows(r"epoch 1 \d ")
    assert not environ or "\n".join(terminal.lines).isascii()
    terminal.press_until(ESCAPE, lambda: terminal.find("[─-] Loss [─-]"))
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    terminal.left_whole()


def test_tables_have_nothing_to_look_inside(open_terminal: OpenTerminal):
    terminal = open_terminal("--preset", "student", "--epochs", "100000", columns=80, rows=24)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("I")
    terminal.shows("has no pictures of classes to look inside")
