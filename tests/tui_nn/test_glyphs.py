import array
import ctypes
import struct
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from tui_nn.console_font import PAIRS, font_characters
from tui_nn.glyphs import BLOCKS, AsciiFilter, choose_glyphs, in_ascii


@pytest.mark.parametrize(
    ("encoding", "term", "expected"),
    [
        ("utf-8", "xterm-256color", "braille"),
        ("UTF-8", "screen", "braille"),
        ("utf8", "", "braille"),
        ("utf-8", "tmux-256color", "braille"),
        ("utf-8", "linux", "ascii"),
        ("utf-8", "vt100", "ascii"),
        ("utf-8", "vt220", "ascii"),
        ("iso-8859-1", "xterm-256color", "ascii"),
        ("ascii", "linux", "ascii"),
        ("ANSI_X3.4-1968", "xterm", "ascii"),
        (None, "xterm", "ascii"),
    ],
)
def test_what_the_terminal_can_show(monkeypatch: pytest.MonkeyPatch, encoding: str | None, term: str, expected: str):
    monkeypatch.setattr("sys.__stderr__", SimpleNamespace(encoding=encoding))
    monkeypatch.setattr("tui_nn.glyphs.font_characters", frozenset)
    assert choose_glyphs({"TERM": term}) == expected


def test_without_a_stream_there_is_no_encoding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.__stderr__", None)
    assert choose_glyphs({"TERM": "linux"}) == "ascii"


@pytest.mark.parametrize(("missing", "expected"), [("", "block"), ("▚", "ascii"), ("▁", "ascii")])
def test_the_console_shows_what_its_font_has(monkeypatch: pytest.MonkeyPatch, missing: str, expected: str):
    monkeypatch.setattr("sys.__stderr__", SimpleNamespace(encoding="utf-8"))
    monkeypatch.setattr("tui_nn.glyphs.font_characters", lambda: frozenset(BLOCKS) - set(missing))
    assert choose_glyphs({"TERM": "linux"}) == expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "braille"),
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "ascii"),  # as Python leaves it
        ({"LC_ALL": "POSIX"}, "ascii"),
        ({"LANG": "de_DE.ISO-8859-1"}, "ascii"),
        ({"LANG": "C.UTF-8"}, "braille"),
        ({"LANG": "C", "LC_ALL": "en_US.utf8"}, "braille"),
        ({"LANG": "C", "PYTHONUTF8": "1"}, "braille"),
    ],
)
def test_a_locale_of_ascii_is_believed_though_python_writes_utf_8(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], expected: str
):
    monkeypatch.setattr("sys.__stderr__", SimpleNamespace(encoding="utf-8"))
    monkeypatch.setattr("sys.flags", SimpleNamespace(utf8_mode=1))
    assert choose_glyphs(environ) == expected


def test_the_font_is_read_from_the_console(monkeypatch: pytest.MonkeyPatch):
    def ioctl(descriptor: int, code: int, request: bytearray) -> int:
        assert code == 0x4B66
        room, address = struct.unpack("HP", request)
        assert room == PAIRS
        pairs = array.array("H", [ord("a"), 7, ord("█"), 219])
        ctypes.memmove(address, pairs.buffer_info()[0], 8)
        struct.pack_into("H", request, 0, 2)
        return 0

    monkeypatch.setattr("sys.__stderr__", SimpleNamespace(fileno=lambda: 2))
    monkeypatch.setattr("fcntl.ioctl", ioctl)
    assert font_characters() == {"a", "█"}


def test_where_there_is_no_console_there_is_no_font(monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    with (tmp_path / "file").open("w") as file:
        monkeypatch.setattr("sys.__stderr__", file)
        assert font_characters() == frozenset()


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_any_text_becomes_ascii_of_the_same_width(text: str):
    (segment,) = AsciiFilter().apply([Segment(text)], Color(0, 0, 0))
    assert segment.text.isascii()
    assert len(segment.text) == cell_len(text)


def test_frames_become_frames():
    assert in_ascii("╭─ Help ─╮│▸ 你 é") == "+- Help -+|> ?? ?"
