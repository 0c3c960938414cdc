from types import SimpleNamespace

import pytest

from tui_nn.glyphs import choose_glyphs


@pytest.mark.parametrize(
    ("encoding", "term", "expected"),
    [
        ("utf-8", "xterm-256color", "braille"),
        ("UTF-8", "screen", "braille"),
        ("utf8", "", "braille"),
        ("utf-8", "linux", "block"),
        ("iso-8859-1", "xterm-256color", "ascii"),
        ("ascii", "linux", "ascii"),
        ("ANSI_X3.4-1968", "xterm", "ascii"),
        (None, "xterm", "ascii"),
    ],
)
def test_what_the_terminal_can_show(monkeypatch: pytest.MonkeyPatch, encoding: str | None, term: str, expected: str):
    monkeypatch.setattr("sys.__stderr__", SimpleNamespace(encoding=encoding))
    monkeypatch.setenv("TERM", term)
    assert choose_glyphs() == expected


def test_without_a_stream_there_is_no_encoding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.__stderr__", None)
    assert choose_glyphs() == "ascii"
