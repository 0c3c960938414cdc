"""Moves of the cursor, against a terminal."""

import pyte
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.link.moves import move

PLACES = st.tuples(st.integers(0, 119), st.integers(0, 39))


@given(start=PLACES, end=PLACES, near=st.booleans(), knows_x=st.booleans(), knows_y=st.booleans())
def test_the_cursor_gets_there(start: tuple[int, int], end: tuple[int, int], near: bool, knows_x: bool, knows_y: bool):
    if near:
        end = start[0], end[1]
    screen = pyte.Screen(120, 40)
    stream = pyte.Stream(screen)
    absolute = f"\x1b[{end[1] + 1};{end[0] + 1}H"
    stream.feed(f"\x1b[{start[1] + 1};{start[0] + 1}H")
    way = move(start[0] if knows_x else None, start[1] if knows_y else None, *end)
    stream.feed(way)
    assert (screen.cursor.x, screen.cursor.y) == end
    assert len(way) <= len(absolute)


def test_the_shortest_way_is_taken():
    assert move(5, 5, 5, 5) == ""
    assert move(5, 5, 6, 5) == "\x1b[C"
    assert move(5, 5, 3, 5) == "\b\b"
    assert move(5, 5, 0, 5) == "\r"
    assert move(5, 5, 5, 6) == "\x1b[B"
    assert move(5, 5, 4, 6) == "\x1b[B\b"
    assert move(None, None, 0, 0) == "\x1b[H"
