import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import datasets
from engine.digits.form import BOX, MIDDLE, SIDE, THICK, THIN, boxed, centred, stroke_width
from engine.digits.preparation import prepare
from engine.digits.resize import resized

DIGITS = datasets.load("mnist-5k")
PICTURES = DIGITS.pixels(DIGITS.test.x)[:, 0]

numbers = st.integers(0, len(PICTURES) - 1)


def middle(picture: np.ndarray) -> tuple[float, float]:
    """The centre of mass, in pixels."""
    rows, columns = picture.sum(axis=1), picture.sum(axis=0)
    return float(rows @ np.arange(len(rows)) / rows.sum()), float(columns @ np.arange(len(columns)) / columns.sum())


def test_mnist_is_what_the_form_says_it_is():
    """The published description, held against the data: the box, and where the centre of mass stands."""
    for picture in PICTURES[:200]:
        assert middle(picture) == pytest.approx((MIDDLE, MIDDLE), abs=0.55)
        down, across = (np.ptp(np.flatnonzero(picture.any(axis=axis))) + 1 for axis in (1, 0))
        assert max(down, across) in (BOX - 1, BOX)


@given(numbers, st.floats(1.5, 9), st.integers(0, 60), st.integers(0, 60))
def test_a_digit_of_any_size_anywhere_comes_back_to_its_form(number: int, factor: float, down: int, right: int):
    original = PICTURES[number]
    side = round(SIDE * factor)
    drawn = np.pad(resized(original, side, side).clip(0, 1), ((down, 7), (right, 3)))
    (*_, box, found) = prepare(drawn, drawn=True)
    assert [step.name for step in (box, found)] == ["box", "centred"]
    assert max(box.picture.shape) == BOX
    assert found.picture.shape == (SIDE, SIDE)
    assert 0 <= found.picture.min() <= found.picture.max() <= 1
    assert middle(found.picture) == pytest.approx((MIDDLE, MIDDLE), abs=0.55)
    assert alike(found.picture, original) > 0.85


def alike(picture: np.ndarray, original: np.ndarray) -> float:
    """Correlation; a centre that lies between two pixels may be moved to either."""
    shifts = [np.roll(original, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(float(np.corrcoef(picture.ravel(), shifted.ravel())[0, 1]) for shifted in shifts)


def test_digits_of_mnist_hardly_change():
    assert np.median([alike(prepare(p, drawn=True)[-1].picture, p) for p in PICTURES[:300]]) > 0.97


@pytest.mark.parametrize("pen", [1, 2, 4, 12, 40])
def test_strokes_become_as_thick_as_mnists(pen: int):
    drawing = np.zeros((260, 200), np.float32)
    drawing[20:240, 30 : 30 + pen] = drawing[20 : 20 + pen, 30:170] = drawing[20:240, 170 - pen : 170] = 1
    box = boxed(drawing)
    width = stroke_width(resized(box, box.shape[0] * 5, box.shape[1] * 5) > 0.5) / 5
    assert THIN - 0.2 < width < THICK + 0.1


def test_a_wide_one_fits_too_and_a_dot_is_a_picture():
    line = np.zeros((30, 300), np.float32)
    line[14:17, 10:290] = 1
    assert centred(boxed(line)).shape == (SIDE, SIDE)
    dot = np.zeros((30, 30), np.float32)
    dot[3, 4] = 1
    assert centred(boxed(dot)).max() > 0.5
    with pytest.raises(ValueError, match="nothing"):
        boxed(np.zeros((4, 4), np.float32))


def test_every_step_can_be_seen():
    paper = 1 - 0.6 * resized(PICTURES[0], 90, 90).clip(0, 1)
    names = [step.name for step in prepare(paper)]
    assert names == ["as grey", "background evened", "ink", "box", "centred"]
    assert [step.name for step in prepare(np.ones((20, 20)))] == ["as grey"]
    assert [step.name for step in prepare(np.zeros((20, 20)), drawn=True)] == ["as grey"]
