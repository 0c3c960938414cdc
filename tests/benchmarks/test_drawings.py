import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.drawings import SIDE, TARGET, curve, draw, load_drawings, measure, report
from engine.digits.answers import Answers

DRAWINGS = load_drawings()


def test_ten_hands_draw_ten_digits_each_and_half_are_kept_aside():
    assert len(DRAWINGS) == 100
    assert len({drawn.hand for drawn in DRAWINGS}) == 10
    for digit in range(10):
        assert sum(drawn.digit == digit and drawn.aside for drawn in DRAWINGS) == 5
        assert sum(drawn.digit == digit and not drawn.aside for drawn in DRAWINGS) == 5
    for hand in {drawn.hand for drawn in DRAWINGS}:
        assert len({drawn.aside for drawn in DRAWINGS if drawn.hand == hand}) == 1


def test_no_two_drawings_are_alike_and_all_stay_on_the_canvas():
    assert len({drawn.amount.tobytes() for drawn in DRAWINGS}) == 100
    for drawn in DRAWINGS:
        assert drawn.amount.max() == 1
        assert max(drawn.amount[[0, -1]].max(), drawn.amount[:, [0, -1]].max()) < 0.5


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=9))
def test_a_curve_goes_through_its_points_in_their_order(points: list[tuple[float, float]]):
    path = curve(points)
    assert np.array(path[::8]) == pytest.approx(np.array(points), abs=1e-12)


def test_a_curve_through_points_on_a_line_stays_on_it():
    path = curve([(0.0, 0.0), (0.2, 0.1), (0.4, 0.2), (0.6, 0.3)])
    assert np.array(path[8:17]) == pytest.approx(np.array([(0.2 + n / 40, 0.1 + n / 80) for n in range(9)]))


def test_a_stroke_has_ink_where_it_goes_and_strokes_are_not_joined():
    amount = draw([[(0.2, 0.25), (0.8, 0.25)], [(0.2, 0.75), (0.8, 0.75)]], 0.05, smooth=False)
    assert amount.shape == (SIDE, SIDE)
    assert (amount[[14, 42], 12:44] == 1).all()
    assert not amount[20:36].any()


class ReaderOf:
    """A network that takes the first so many for what they are, and all others for a 3."""

    def __init__(self, right: int) -> None:
        self._labels = [drawn.digit if n < right else 3 for n, drawn in enumerate(DRAWINGS)]
        self._asked = 0

    def classify(self, pictures: np.ndarray) -> Answers:
        label = self._labels[self._asked]
        self._asked += 1
        return Answers(np.tile(np.eye(10)[label], (len(pictures), 1)), np.ones(len(pictures)))


def test_right_answers_are_counted_apart_for_those_kept_aside():
    drawings = DRAWINGS[:20]
    assert [drawn.aside for drawn in drawings] == [False] * 10 + [True] * 10
    result = measure(ReaderOf(15), drawings)  # type: ignore[arg-type]
    assert (result["others"]["right"], result["others"]["wrong"]) == (10, [])
    assert result["aside"]["right"] == 5
    assert [digit for digit, answer, _ in result["aside"]["wrong"]] == ["5", "6", "7", "8", "9"]
    assert result["aside"]["standard_error"] == pytest.approx((0.25 / 10) ** 0.5)
    text = report({"recipe": "given", "checkpoint": "x", **result})
    assert f"kept aside: 5 of 10, 50.0%, s. e. 15.8%; MISSED: {TARGET:.0%}" in text
