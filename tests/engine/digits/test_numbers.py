import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import datasets
from engine.arrays import Array
from engine.digits.answers import Answers
from engine.digits.form import boxed, centred
from engine.digits.numbers import LONGEST, best_way, find_line, read_digits
from engine.digits.parts import bounds
from engine.errors import UserError

DIGITS = datasets.load("mnist-5k")
FIRST = [int(np.flatnonzero(DIGITS.test.labels == label)[0]) for label in range(10)]
WRITTEN = DIGITS.pixels(DIGITS.test.x[FIRST])[:, 0]
FORMS = np.stack([centred(boxed(picture)) for picture in WRITTEN]).reshape(10, -1)


def resemblance(pictures: Array) -> Answers:
    """What knows ten pictures by heart, and says of others which of these they are like, and how much."""
    flat = pictures.reshape(len(pictures), -1)
    distances = ((flat[:, np.newaxis] - FORMS) ** 2).sum(axis=2)
    logits = 20 - distances / 4
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return Answers(odds / odds.sum(axis=1, keepdims=True), logits.max(axis=1).clip(0.1))


def side_by_side(text: str, gap: int) -> Array:
    digits = [WRITTEN[int(label)][bounds(WRITTEN[int(label)] > 0.1)] for label in text]
    picture = np.zeros((40, 8 + sum(digit.shape[1] + gap for digit in digits)))
    left = 4
    for digit in digits:
        height, width = digit.shape
        place = picture[10 : 10 + height, left : left + width]
        np.maximum(place, digit, out=place)
        left += width + gap
    return picture


@given(st.lists(st.sampled_from("012356789"), min_size=2, max_size=5), st.integers(1, 8))
def test_digits_that_are_known_are_read_in_their_order_wherever_they_stand(digits: list[str], gap: int):
    text = "".join(digits)  # without the open 4, whose halves are like two 1s
    read = read_digits(side_by_side(text, gap), resemblance)
    assert "".join(str(digit.label) for digit in read) == text
    middles = [(digit.box[0] + digit.box[2]) / 2 for digit in read]
    assert middles == sorted(middles)


def test_boxes_lie_about_the_ink():
    picture = side_by_side("27", 6)
    height, width = picture.shape
    for digit, columns in zip(read_digits(picture, resemblance), ((4, 24), (30, 50)), strict=True):
        left, top, right, bottom = digit.box
        assert columns[0] - 1 <= left * width <= right * width <= columns[1] + 1
        assert 9 <= top * height <= bottom * height <= 31


def test_nothing_is_read_where_there_is_no_ink_and_too_long_a_line_is_refused():
    assert read_digits(np.zeros((20, 60)), resemblance) == []
    with pytest.raises(UserError, match=f"at most {LONGEST} times"):
        read_digits(np.ones((2, 100)), resemblance)


def test_a_line_is_what_is_written_without_specks_in_48_rows():
    amount = np.zeros((100, 200))
    amount[20:44, 30:90] = 1
    amount[90, 190] = 1
    line = find_line(amount)
    assert line.picture.shape == (48, 120)
    assert (line.top, line.left, line.factor) == (20, 30, 2.0)


lattices = st.integers(1, 5).flatmap(
    lambda end: st.lists(
        st.tuples(st.integers(0, end - 1), st.integers(1, end), st.integers(-20, 20)).filter(lambda s: s[0] < s[1]),
        max_size=12,
    ).map(lambda found: [*found, (0, end, -50)])
)


@given(lattices)
def test_the_best_way_scores_most_of_all(lattice: list[tuple[int, int, int]]):
    sides = [(first, last) for first, last, _ in lattice]
    end = max(last for _, last in sides)
    ways = (
        [
            way
            for count in range(1, end + 1)
            for way in itertools.permutations(range(len(sides)), count)
            if sides[way[0]][0] == 0
            and sides[way[-1]][1] == end
            and all(sides[a][1] == sides[b][0] for a, b in itertools.pairwise(way))
        ]
        if len(sides) < 7
        else None
    )
    way = best_way(sides, np.array([score for *_, score in lattice], float))
    assert sides[way[0]][0] == 0
    assert sides[way[-1]][1] == end
    assert all(sides[a][1] == sides[b][0] for a, b in itertools.pairwise(way))
    total = lambda way: sum(lattice[number][2] for number in way)  # noqa: E731
    assert total(way) >= -50
    if ways is not None:
        assert total(way) == max(map(total, ways))
