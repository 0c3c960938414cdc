"""Moves of a mouse that came at once."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from tui_nn.terminal.drag import MouseMove, joined, path

Place = tuple[int, int]


def move(x: int, y: int, button: int = 1, *, ctrl: bool = False) -> events.MouseMove:
    return events.MouseMove(None, x, y, 0, 0, button, False, False, ctrl)


def key() -> Message:
    return events.Key("k", "k")


MESSAGES = st.one_of(
    st.builds(move, st.integers(0, 200), st.integers(0, 60), st.sampled_from([1, 3]), ctrl=st.booleans()),
    st.builds(key),
)


def held(message: Any) -> Any:
    return (message.button, message.ctrl) if isinstance(message, events.MouseMove) else None


@given(st.lists(MESSAGES))
def test_no_place_is_lost_nothing_changes_its_turn_and_two_moves_in_a_row_differ_in_what_is_held(given: list[Any]):
    found: list[Any] = list(joined(given))
    told = []
    for message in found:
        places = path(message) if isinstance(message, events.MouseMove) else [None]
        told += [(held(message), place) for place in places]
    assert told == [(held(message), (message.x, message.y) if held(message) else None) for message in given]
    assert all(held(one) != held(other) or held(one) is None for one, other in pairwise(found))


def test_a_move_alone_is_left_as_it_is():
    alone = move(3, 4)
    assert list(joined([alone])) == [alone]


def test_the_path_is_told_in_the_cells_of_the_widget():
    (moved,) = joined([move(30, 10), move(31, 11), move(33, 12)])
    assert isinstance(moved, MouseMove)
    within = events.MouseMove(None, 13, 2, 0, 0, 1, False, False, False, moved.screen_x, moved.screen_y)
    assert path(MouseMove.after(moved.passed, within)) == [(10, 0), (11, 1), (13, 2)]
