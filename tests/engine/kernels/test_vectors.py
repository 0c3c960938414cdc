"""Each operation on vectors of eight equals the NumPy beside it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from engine.kernels import vectors as v

SPECIAL = [np.nan, np.inf, 0.0, -0.0]
SLOPES = [0.0, 0.25, 1.0]


@njit
def pool(z, cells, bias, slope, y, won):
    v.pool_rectify(
        z.ctypes.data, cells.ctypes.data, cells.size, bias.ctypes.data, slope, y.ctypes.data, won.ctypes.data
    )


@njit
def unpool(dy, y, won, slope, dz, cells, dbias):
    dy_y_won = dy.ctypes.data, y.ctypes.data, won.ctypes.data
    v.unpool_rectify(*dy_y_won, slope, dz.ctypes.data, cells.ctypes.data, cells.size, dbias.ctypes.data)


@njit
def accumulate(target, source):
    v.accumulate(target.ctypes.data, source.ctypes.data, source.size // 8)


@njit
def turn(source, target):
    v.turn(source.ctypes.data, 4 * source.shape[1], target.ctypes.data, 4 * target.shape[1])


@njit
def turn_rectified(dy, y, slope, both, other):
    dy_y = dy.ctypes.data, 4 * dy.shape[1], y.ctypes.data, 4 * y.shape[1]
    v.turn_rectified(*dy_y, slope, both.ctypes.data, other.ctypes.data, 4 * other.shape[1])


class Draw:
    """Random numbers, some of them alike or not finite."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def numbers(self, *shape: int, special: bool = False) -> np.ndarray:
        found = self.random.integers(-3, 4, shape).astype(np.float32) / 2
        if special:
            places = self.random.random(shape) < 0.15
            found[places] = self.random.choice(SPECIAL, places.sum())
        return found

    def cells(self, count: int, room: int) -> np.ndarray:
        """Places of eight numbers each that do not overlap."""
        return 8 * self.random.permutation(room // 8)[:count].astype(np.int64)


seeds, counts = st.integers(0, 2**32 - 1), st.integers(1, 25)


@given(seeds, counts, st.sampled_from(SLOPES))
def test_pool_rectify(seed: int, count: int, slope: float):
    draw = Draw(seed)
    z, bias, cells = draw.numbers(256, special=True), draw.numbers(8), draw.cells(count, 256)
    y, won = np.zeros(8, np.float32), np.full(8, 99, np.uint8)
    pool(z, cells, bias, np.float32(slope), y, won)
    with np.errstate(invalid="ignore"):
        expected, winner = v.pool_rectify_reference(z, cells, bias, np.float32(slope))
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(won, winner)


@given(seeds, counts, st.sampled_from(SLOPES))
def test_unpool_rectify(seed: int, count: int, slope: float):
    draw = Draw(seed)
    dy, y, cells = draw.numbers(8), draw.numbers(8), draw.cells(count, 256)
    won = draw.random.integers(0, count, 8).astype(np.uint8)
    dz, dbias = draw.numbers(256), draw.numbers(8)
    theirs, bias = dz.copy(), dbias.copy()
    unpool(dy, y, won, np.float32(slope), dz, cells, dbias)
    v.unpool_rectify_reference(dy, y, won, np.float32(slope), theirs, cells, bias)
    np.testing.assert_array_equal(dz, theirs)
    np.testing.assert_array_equal(dbias, bias)


@given(seeds, st.integers(1, 9))
def test_accumulate(seed: int, vectors: int):
    draw = Draw(seed)
    target, source = draw.numbers(100), draw.numbers(8 * vectors)
    expected = target.copy()
    accumulate(target, source)
    v.accumulate_reference(expected[: 8 * vectors], source)
    np.testing.assert_array_equal(target, expected)


@given(seeds, st.integers(8, 20), st.integers(8, 20))
def test_turn(seed: int, width: int, height: int):
    draw = Draw(seed)
    source, target = draw.numbers(8, width), draw.numbers(8, height)
    expected = target.copy()
    turn(source, target)
    v.turn_reference(source, expected)
    np.testing.assert_array_equal(target, expected)


@given(seeds, st.integers(8, 20), st.integers(8, 20), st.sampled_from(SLOPES))
def test_turn_rectified(seed: int, width: int, height: int, slope: float):
    draw = Draw(seed)
    dy, y = draw.numbers(8, width), draw.numbers(8, height)
    both, other = draw.numbers(8, width), draw.numbers(8, height)
    expected: list[Any] = [both.copy(), other.copy()]
    turn_rectified(dy, y, np.float32(slope), both, other)
    v.turn_rectified_reference(dy, y, np.float32(slope), *expected)
    np.testing.assert_array_equal(both, expected[0])
    np.testing.assert_array_equal(other, expected[1])


@pytest.mark.parametrize("name", ["pool_rectify", "unpool_rectify", "accumulate", "turn", "turn_rectified"])
def test_each_says_what_it_computes(name: str):
    assert getattr(v, name)._defn.__doc__
