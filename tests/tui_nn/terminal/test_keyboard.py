from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from tui_nn.terminal.drag import joined, path
from tui_nn.terminal.keyboard import LONGEST_PASTE, SILENCE, Keyboard

BEGIN, END = b"\x1b[200~", b"\x1b[201~"


def typed(*chunks: bytes, ticks: int = 3) -> list[Message]:
    """All that the chunks mean, and the silence after them."""
    keyboard = Keyboard()
    messages = [message for chunk in chunks for message in keyboard.feed(chunk)]
    return messages + [message for _ in range(ticks) for message in keyboard.tick()]


def keys(messages: list[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, events.Key)]


def pastes(messages: list[Message]) -> list[str]:
    return [message.text for message in messages if isinstance(message, events.Paste)]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=20))
def test_no_bytes_stop_it(chunks: list[bytes]):
    keyboard = Keyboard()
    for chunk in chunks:
        list(keyboard.feed(chunk))
    for _ in range(SILENCE + 1):
        list(keyboard.tick())
    after = [*keyboard.feed(b" " * 40 + b"x"), *keyboard.tick()]
    assert keys(after)[-1] == "x"


PARTS = st.sampled_from(
    ["\x1b[", "\x1b", "<", ";", "9" * 30, "99999999", "u", "M", "m", "R", "~", "t", "?", "$y", "48", "a"]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=60).map("".join))
def test_no_sequence_stops_it(text: str):
    keyboard = Keyboard()
    list(keyboard.feed(text.encode()))
    list(keyboard.tick())
    assert keys([*keyboard.feed(b" " * 40 + b"x"), *keyboard.tick()])[-1] == "x"


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200), st.lists(st.integers(0, 220), max_size=5))
def test_a_paste_is_a_paste_wherever_it_is_cut_and_whatever_is_in_it(text: str, cuts: list[int]):
    text = text.replace("\x1b[201~", "").replace("\x1b[200~", "")
    data = b"a" + BEGIN + text.encode() + END + b"b"
    # A key that is pressed alone is not held back: so a cut right behind an escape is the parser's.
    places = [
        place for place in sorted({0, *cuts, len(data)}) if place <= len(data) and data[place - 1 : place] != b"\x1b"
    ]
    messages = typed(*(data[start:end] for start, end in pairwise([0, *places, len(data)])))
    assert keys(messages) == ["a", "b"]
    assert pastes(messages) == [text.replace("\x00", "")]


def test_escape_alone_is_the_escape_key():
    keyboard = Keyboard()
    assert keys([*keyboard.feed(b"\x1b")]) == []
    found: list[str] = []
    while not found:  # its parser waits a tenth of a second by its own clock
        found = keys([*keyboard.tick()])
    assert found == ["escape"]


def test_a_long_paste_is_cut_and_what_follows_are_keys():
    messages = typed(BEGIN, *[b"rq\x1b[C\r"] * LONGEST_PASTE, END, b"x")
    assert [len(text) for text in pastes(messages)] == [LONGEST_PASTE]
    assert keys(messages) == ["x"]


def test_a_paste_that_does_not_end_is_over_after_a_silence():
    keyboard = Keyboard()
    list(keyboard.feed(BEGIN + b"some"))
    for _ in range(SILENCE):
        list(keyboard.tick())
    assert keys([*keyboard.feed(b"x")]) == [], "it is still the paste"
    for _ in range(SILENCE + 1):
        list(keyboard.tick())
    assert keys([*keyboard.feed(b"x")]) == ["x"]


def reported(code: int, x: int, y: int, state: str = "M") -> str:
    return f"\x1b[<{code};{x};{y}{state}"


REPORTS = st.one_of(
    st.builds(reported, st.sampled_from([32, 32, 32, 34, 48, 35, 0, 64, 96]), st.integers(0, 300), st.integers(0, 80)),
    st.builds(reported, st.just(0), st.integers(1, 300), st.integers(1, 80), st.just("m")),
    st.sampled_from(["k", "\x1b[1;1R", "\x1b[A", "\x1b"]),
)


@given(st.lists(REPORTS, max_size=40), st.lists(st.integers(0, 400), max_size=3))
def test_moves_that_are_joined_before_they_are_read_are_those_that_are_joined_after_it(
    reports: list[str], cuts: list[int]
):
    text = "".join(reports)
    ends = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    keyboard, parser = Keyboard(), XTermParser()
    for start, end in pairwise(ends):
        found = list(joined(keyboard.feed(text[start:end].encode())))
        expected = list(joined(parser.feed(text[start:end])))
        assert list(map(told, found)) == list(map(told, expected))


def told(message: Message) -> object:
    """What it says, but for the way from the place before, which is longer where that was left out."""
    if isinstance(message, events.MouseEvent):
        return type(message).__name__, path(message), message.button, message.shift, message.meta, message.ctrl
    return str(message)


def test_of_moves_in_a_row_the_last_alone_is_read_by_textual(monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []
    feed = XTermParser.feed
    monkeypatch.setattr(XTermParser, "feed", lambda parser, text: read.append(text) or feed(parser, text))
    moves = "".join(reported(32, x, 7) for x in range(2, 40))
    (move,) = joined(Keyboard().feed(f"{moves}".encode()))
    assert path(move) == [(x - 1, 6) for x in range(2, 40)]
    assert "".join(read) == reported(32, 39, 7)
