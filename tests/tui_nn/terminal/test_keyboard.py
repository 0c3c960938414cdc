from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.message import Message

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
