import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.digits.pieces import find_pieces

BAR = 6


def bars(starts: list[int], heights: list[int]) -> np.ndarray:
    """Upright bars of six columns, in the middle of 48 rows."""
    line = np.zeros((48, max(starts) + BAR), np.float32)
    for start, height in zip(starts, heights, strict=True):
        top = (48 - height) // 2
        line[top : top + height, start : start + BAR] = 1
    return line


def test_two_bars_are_two_pieces_and_one():
    pieces = {(piece.first, piece.last): piece for piece in find_pieces(bars([0, 20], [48, 24]))}
    (end,) = {last for _, last in pieces if last == max(last for _, last in pieces)}
    whole = pieces[0, end].measures
    assert (whole.height, whole.width, whole.ink, whole.gaps) == (1, 26 / 48, 0, 1)
    assert whole.second == pytest.approx(0.5)
    assert whole.thin >= 1
    left, right = pieces[0, 1], pieces[end - 1, end]
    assert (left.measures.width, left.measures.height, left.measures.second) == (BAR / 48, 1, 0)
    assert (right.measures.height, right.measures.middle, right.measures.gaps) == (0.5, 0, 0)
    assert (left.place[1], right.place) == (slice(0, BAR), (slice(12, 36), slice(20, 26)))
    assert left.picture.shape == (28, 28)


def test_the_middle_of_a_piece_is_measured_up_and_down():
    for shift in (-12, 12):
        line = bars([0, 20], [48, 24])
        line[:, 20:] = np.roll(line[:, 20:], shift, axis=0)
        (right,) = (piece for piece in find_pieces(line) if piece.place[1] == slice(20, 26))
        assert right.measures.middle == pytest.approx(0.25)


def test_a_thin_bridge_is_cut_and_costs_its_ink():
    line = bars([0, 20], [48, 48])
    line[20:26, 6:20] = 1
    bridged = [piece for piece in find_pieces(line) if piece.first == 0 and piece.place[1].stop < 20]
    assert bridged
    # One side of the piece is the end of the line, the other a cut through six rows: about one stroke.
    assert all(0.3 < piece.measures.ink < 0.8 for piece in bridged)


@given(
    st.lists(st.integers(8, 24), min_size=1, max_size=5).map(lambda gaps: np.cumsum([0, *gaps]).tolist()),
    st.data(),
)
def test_some_pieces_lead_from_end_to_end_and_hold_all_ink(starts: list[int], data: st.DataObject):
    heights = [data.draw(st.integers(30, 48)) for _ in starts]
    heights[0] = 48
    line = bars(starts, heights)
    pieces = find_pieces(line)
    end = max(piece.last for piece in pieces)
    neighbours = {piece.first: piece for piece in pieces if piece.last == piece.first + 1}
    assert sorted(neighbours) == list(range(end))
    found = np.zeros_like(line)
    for piece in neighbours.values():
        found[piece.place] += piece.amount
    assert np.array_equal(found, line)
