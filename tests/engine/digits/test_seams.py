import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.digits.seams import SIDESTEP, _cheapest, find_seams


def cost(amount: np.ndarray, way: tuple[int, ...]) -> float:
    ink = sum(amount[row, column] for row, column in enumerate(way))
    return ink + SIDESTEP * sum(a != b for a, b in itertools.pairwise(way))


@given(arrays(np.float64, (4, 5), elements=st.floats(0, 1)))
def test_the_cheapest_way_is_the_least_of_all(amount: np.ndarray):
    ways = [
        way for way in itertools.product(range(5), repeat=4) if all(abs(a - b) <= 1 for a, b in itertools.pairwise(way))
    ]
    found, _ = _cheapest(amount)
    for column in range(5):
        assert np.isclose(found[column], min(cost(amount, way) for way in ways if way[-1] == column))


def test_a_slanted_gap_is_followed_and_a_thin_bridge_is_cut():
    line = np.zeros((48, 100), np.float32)
    rows = np.arange(48)
    for start in (20, 45, 70):
        for thick in range(6):
            line[rows, start + thick + rows[::-1] // 4] = 1
    line[30:32, 24:60] = 1  # joins the first two strokes
    seams = find_seams(line, most_ink=5, apart=4)
    free = [seam for seam in seams if seam.ink == 0]
    cut = [seam for seam in seams if 0 < seam.ink <= 5]
    assert [bool(seam) for seam in (free, cut)] == [True, True]
    second, third = ({start + thick + row // 4 for thick in range(6) for row in [47 - 24]} for start in (45, 70))
    assert any(max(second) < seam.columns[24] < min(third) for seam in free)
    assert any(20 + 6 + 5 < seam.columns[24] < min(second) for seam in cut)
    for seam in seams:
        assert np.isclose(seam.ink, line[rows, seam.columns].sum())
        assert (np.abs(np.diff(seam.columns)) <= 1).all()
