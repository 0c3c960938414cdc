import subprocess
import sys

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui_nn import depth
from tui_nn.depth import Depth, DepthFilter, choose_depth

BLACK = Color(0, 0, 0)

DESCRIBED = {"xterm": 8, "xterm-256color": 256, "linux": 8, "vt100": 0, "xterm-direct": 1 << 24}
"""As the descriptions of ncurses have it."""


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, "truecolor"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "yes"}, "256"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "vt100"}, "none"),
        # Not described on this machine: judged by the name.
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "new-direct"}, "truecolor"),
        ({"TERM": "xterm-ghostty"}, "16"),
        ({"TERM": "xterm-ghostty", "COLORTERM": "truecolor"}, "truecolor"),
        ({}, "16"),
        # Any value that is not empty.
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "0"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
        # GNU screen hands on what it cannot do; tmux can.
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "STY": "1.pts"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "TMUX": "/tmp/tmux"}, "truecolor"),
    ],
)
def test_as_many_colours_as_the_terminal_says(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], expected: Depth
):
    monkeypatch.setattr(depth, "described_colours", DESCRIBED.get)
    assert choose_depth(environ) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="Windows describes no terminals")
@pytest.mark.parametrize(
    ("term", "expected"), [("xterm-256color", "256"), ("linux", "8"), ("vt100", "0"), ("no-such-terminal", "None")]
)
def test_the_description_of_a_terminal_is_read(term: str, expected: str):
    # A process of its own, for the library keeps what it has read first.
    program = f"from tui_nn.depth import described_colours as d; print(d({term!r}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


def reduced(style: str, to: Depth) -> Style | None:
    (segment,) = DepthFilter(to).apply([Segment("x", Style.parse(style))], BLACK)
    assert segment.text == "x"
    return segment.style


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("truecolor", "bold #7aa2f7 on #16181f"),
        ("256", "bold color(111) on color(234)"),
        ("16", "bold bright_blue on black"),
        ("none", "bold"),
    ],
)
def test_a_style_is_brought_down_to_what_there_is(to: Depth, expected: str):
    found = reduced("bold #7aa2f7 on #16181f", to)
    if to == "16":
        assert found is not None
        assert all(colour is not None and colour.number is not None for colour in (found.color, found.bgcolor))
        assert found.bold
    else:
        assert found == Style.parse(expected)


def test_without_colours_not_even_the_terminals_own_are_named():
    assert reduced("reverse default on default", "none") == Style(reverse=True)
    assert reduced("dim underline red", "none") == Style(dim=True, underline=True)
    (segment,) = DepthFilter("none").apply([Segment("x", None)], BLACK)
    assert segment.style is None
