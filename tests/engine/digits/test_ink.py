import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import datasets
from engine.digits.ink import find_ink, two_levels
from engine.digits.parts import bounds
from engine.digits.resize import resized

DIGITS = datasets.load("mnist-5k")
WRITTEN = DIGITS.pixels(DIGITS.test.x[:40])[:, 0]
SIDE = 140

RANDOM = np.random.default_rng(2)
NOISE = RANDOM.normal(0, 0.012, (SIDE, SIDE)).astype(np.float32)


def photograph(
    digit: np.ndarray, *, dark: bool, slope: tuple[float, float], contrast: float, shadow: float, noise: bool
) -> tuple[np.ndarray, np.ndarray]:
    """A digit on paper in uneven light, and where its ink is."""
    there = resized(digit, SIDE, SIDE).clip(0, 1)
    low, high = 0.85 - contrast, 0.85
    reflected = high - contrast * there if dark else low + contrast * there
    rows, columns = np.mgrid[-0.5 : 0.5 : SIDE * 1j, -0.5 : 0.5 : SIDE * 1j]
    light = 1 + slope[0] * rows + slope[1] * columns
    light = np.where(columns > 0.1 + 0.3 * rows, shadow * light, light)
    return (reflected * light + noise * NOISE).clip(0, 1).astype(np.float32), there > 0.5


@given(
    number=st.integers(0, 39),
    slope=st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)),
    contrast=st.floats(0.25, 0.8),
    noise=st.booleans(),
)
def test_dark_ink_is_found_where_it_is_in_uneven_light(number: int, slope: tuple, contrast: float, noise: bool):
    picture, there = photograph(WRITTEN[number], dark=True, slope=slope, contrast=contrast, shadow=1.0, noise=noise)
    ink = find_ink(picture)
    assert ink is not None
    assert ((ink.amount > 0.5) != there).mean() < 0.02


@given(number=st.integers(0, 39), shadow=st.floats(0.55, 0.9))
def test_so_it_is_across_the_edge_of_a_shadow(number: int, shadow: float):
    picture, there = photograph(WRITTEN[number], dark=True, slope=(0, 0.1), contrast=0.6, shadow=shadow, noise=True)
    ink = find_ink(picture)
    assert ink is not None
    assert ((ink.amount > 0.5) != there).mean() < 0.03


@given(number=st.integers(0, 39), contrast=st.floats(0.3, 0.8))
def test_light_on_dark_is_found_too(number: int, contrast: float):
    picture, there = photograph(WRITTEN[number], dark=False, slope=(0.1, -0.1), contrast=contrast, shadow=1, noise=True)
    ink = find_ink(picture)
    assert ink is not None
    assert ((ink.amount > 0.5) != there).mean() < 0.02


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("side", [28, 140])
def test_broad_strokes_that_fill_their_pictures_are_found_whole(dark: bool, side: int):
    """Four fifths of them: what runs along most of a side may as well be what the paper lies on."""
    alike = []
    for written in WRITTEN:
        there = resized(resized(written[bounds(written > 0.3)], 8, 8), side, side).clip(0, 1)
        ink = find_ink(1 - there if dark else there)
        assert ink is not None
        alike.append(np.corrcoef(ink.amount.ravel(), there.ravel())[0, 1])
    assert np.quantile(alike, 0.2) >= 0.94


@pytest.mark.parametrize("grey", [0.0, 0.3, 1.0])
def test_nothing_is_found_on_paper_alone(grey: float):
    even = np.full((SIDE, SIDE), grey, np.float32)
    assert find_ink(even) is None
    assert find_ink((even + NOISE).clip(0, 1)) is None
    rows = np.linspace(0.4, 1, SIDE, dtype=np.float32)[:, np.newaxis]
    assert find_ink(rows * np.maximum(even, 0.2)) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 500)])
def test_the_smallest_pictures_are_pictures(shape: tuple[int, int]):
    assert find_ink(np.zeros(shape, np.float32)) is None
    find_ink(RANDOM.random(shape, np.float32))


@given(st.floats(0.01, 0.4), st.floats(0.5, 1), st.integers(5, 300), st.integers(5, 300))
def test_two_levels_are_found_to_be_two(low: float, high: float, papers: int, inks: int):
    found = two_levels(np.array([low] * papers + [high] * inks))
    assert found == pytest.approx((low, high))
