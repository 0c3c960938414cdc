import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.digits.parts import bounds, label_parts, without_specks

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans())


def flooded(mask: np.ndarray) -> np.ndarray:
    """Labels by filling one part after the other, pixel by pixel."""
    labels = np.zeros(mask.shape, np.int64)
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        waiting, number = [start], labels.max() + 1
        while waiting:
            row, column = waiting.pop()
            if not labels[row, column]:
                labels[row, column] = number
                near = labels[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
                inside = mask[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
                more = np.argwhere(inside & (near == 0)) + np.array([max(row - 1, 0), max(column - 1, 0)])
                waiting += map(tuple, more)
    return labels


@given(masks)
def test_parts_are_those_of_a_flood(mask: np.ndarray):
    assert (label_parts(mask) == flooded(mask)).all()


def test_a_spiral_is_one_part_and_a_comb_too():
    spiral = np.zeros((41, 41), bool)
    row = column = 20
    for length in range(2, 40, 2):
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            for _ in range(length + (right == -1 or down == -1)):
                spiral[row, column] = True
                row, column = min(max(row + down, 0), 40), min(max(column + right, 0), 40)
    comb = np.zeros((20, 41), bool)
    comb[:, ::2] = True
    assert label_parts(comb).max() == 21
    comb[-1] = True
    assert label_parts(comb).max() == 1
    assert label_parts(spiral).max() == 1


def test_specks_go_and_what_is_large_stays():
    mask = np.zeros((20, 20), bool)
    mask[2:12, 2:12] = True
    mask[15, 15] = mask[17:19, 2:4] = True
    kept = without_specks(mask, 0.03)
    assert kept[2:12, 2:12].all()
    assert kept[17:19, 2:4].all()
    assert not kept[15, 15]
    assert (without_specks(mask, 0.0) == mask).all()


def test_bounds():
    mask = np.zeros((6, 8), bool)
    mask[1, 3] = mask[4, 6] = True
    assert bounds(mask) == (slice(1, 5), slice(3, 7))
    with pytest.raises(ValueError, match="nothing"):
        bounds(np.zeros((3, 3), bool))
