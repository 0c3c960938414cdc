"""What the real program sends to terminals of few colours."""

import re
from collections.abc import Callable
from typing import Any

import pytest


def codes(terminal: Any) -> set[int]:
    """All parameters of colours and attributes that were sent, those within 38 and 48 left out."""
    found: set[int] = set()
    for text in re.findall(rb"\x1b\[([\d;]*)m", terminal.output):
        plain = re.sub(rb"\b[34]8;(5;\d+|2;\d+;\d+;\d+)", b"38", text)
        found |= {int(field) for field in plain.split(b";") if field}
    return found


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "vt100", "COLORTERM": ""}], ids=["NO_COLOR", "vt100"])
def test_where_no_colour_is_wanted_none_is_sent(open_terminal: Callable[..., Any], environ: dict[str, str]):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", environ=environ)
    terminal.until(lambda: terminal.find("read as") and terminal.find("validation +[0-9]"), "a digit and curves")
    for key in ("?", "\x1b", "\x10", "\x1b", "z", "z"):
        terminal.press(key)
        terminal.until(lambda: terminal.step > 0 or terminal.find("closes|Search"), "a page")
    assert codes(terminal) <= {0, 1, 2, 4, 7, 22, 24, 27}
    if "TERM" in environ:
        assert "\n".join(terminal.lines).isascii()
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    terminal.left_whole()


@pytest.mark.parametrize("term", ["linux", "xterm", "screen"])
def test_sixteen_colours_are_the_terminals_own(open_terminal: Callable[..., Any], term: str):
    terminal = open_terminal("--pace", "0", "--epochs", "100000", environ={"TERM": term, "COLORTERM": ""})
    terminal.until(lambda: terminal.find("read as") and terminal.find("validation +[0-9]"), "a digit and curves")
    assert 38 not in codes(terminal)
    assert {94, 35} <= codes(terminal)
    # No background but the terminal's own, which may be light.
    assert not codes(terminal) & {*range(40, 48), *range(100, 108)}
    terminal.press("q")
    assert terminal.wait_for_end() == 0
