import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine import datasets
from engine.digits.answers import Answers
from engine.digits.form import FINE, black_and_white, boxed, centred, stroke_width, with_strokes
from engine.digits.parts import bounds
from engine.digits.views import VIEWS, View, _changed, seen_in_all, views

DIGITS = datasets.load("mnist-5k")
WRITTEN = DIGITS.pixels(DIGITS.test.x[:30])[:, 0]


@given(st.integers(0, 29), st.floats(1.5, 9))
def test_views_are_pictures_in_the_form_of_mnist_the_plain_one_first(number: int, factor: float):
    digit = np.kron(WRITTEN[number], np.ones((round(factor), round(factor)), np.float32))
    found = views(digit)
    assert found.shape == (len(VIEWS), 28, 28)
    assert (found[0] == centred(boxed(digit))).all()
    for picture in found:
        rows, columns = np.nonzero(picture > 0.05)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in range(18, 23)
        mass = picture.sum()
        centre = np.array([picture.sum(axis=1) @ np.arange(28), picture.sum(axis=0) @ np.arange(28)]) / mass
        assert np.abs(centre - 14).max() <= 1


def direction(black: np.ndarray) -> float:
    """Degrees clockwise from upright in which most of the ink lies."""
    rows, columns = np.nonzero(black)
    (_, vectors) = np.linalg.eigh(np.cov(np.stack([columns, -rows])))
    across, up = vectors[:, 1]
    return float(np.degrees(np.arctan(across / up)))


@pytest.mark.parametrize("degrees", [-30.0, -8.6, 8.6, 30.0])
def test_a_bar_is_turned_clockwise_by_so_many_degrees(degrees: float):
    bar = np.zeros((100, 60), bool)
    bar[10:90, 27:33] = True
    assert direction(_changed(bar, View(degrees=degrees))) == pytest.approx(degrees, abs=1)


@pytest.mark.parametrize("lean", [-0.25, 0.25])
def test_a_bar_leans_to_the_right_and_keeps_its_height(lean: float):
    bar = np.zeros((100, 60), bool)
    bar[10:90, 27:33] = True
    leaning = _changed(bar, View(lean=lean))
    assert np.tan(np.radians(direction(leaning))) == pytest.approx(lean, abs=0.03)
    assert leaning.any(axis=1).sum() == pytest.approx(80, abs=1)


@pytest.mark.parametrize("width", sorted({view.width for view in VIEWS if view.width}))
def test_strokes_are_as_wide_as_a_view_says(width: float):
    """To about two pixels of the fine picture: where strokes end and cross, they are no long lines."""
    for written in WRITTEN:
        black = with_strokes(black_and_white(written), width, width)
        assert stroke_width(black) / FINE == pytest.approx(width, abs=2 / FINE)


def test_a_hairline_has_all_its_views():
    line = np.zeros((400, 300), np.float32)
    line[np.arange(400), np.arange(400) * 3 // 4] = 1
    for picture in views(line):
        assert picture.sum() > 15


def test_the_grey_view_is_the_ink_scaled_and_nothing_else():
    """A digit of MNIST, of its own size, comes back as it is, where its paler edges lie inside the box."""
    (place,) = (n for n, view in enumerate(VIEWS) if view.grey)
    for written in WRITTEN[:10]:
        rows, columns = np.nonzero(written > 0.5 * written.max())
        there = written[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        found = views(written)[place]
        assert found.sum() == pytest.approx(there.sum() * (20 / max(there.shape)) ** 2, rel=0.08)
        assert 0.02 < np.mean((found > 0.1) & (found < 0.6)) < 0.3


def test_what_all_views_speak_for_is_the_mean_of_logarithms():
    random = np.random.default_rng(0)
    given = random.dirichlet(np.ones(10), (4, 6))
    given[0, 0] = np.eye(10)[3]  # one that is certain decides nothing by itself
    answers = lambda pictures: Answers(given.reshape(24, 10), np.zeros(24))  # noqa: E731
    found = seen_in_all(np.zeros((4, len(VIEWS), 28, 28)), answers)
    weights = np.array([view.weight for view in VIEWS])
    logits = np.tensordot(np.log(np.maximum(given, 1e-4)), weights / weights.sum(), (1, 0))
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert found == pytest.approx(expected)
    assert found.sum(axis=1) == pytest.approx(np.ones(4))


def in_a_square(black: np.ndarray, view: View) -> np.ndarray:
    """The same with paper all around that nothing can leave."""
    height, width = black.shape
    side = math.ceil(math.hypot(height, width) * (1 + view.lean))
    cos, sin = math.cos(math.radians(view.degrees)), math.sin(math.radians(view.degrees))
    back = np.array([[cos, cos * view.lean + sin], [-sin, -sin * view.lean + cos]])
    x, y = np.array([width, height]) / 2 - back @ np.full(2, side / 2)
    (a, b), (d, e) = back
    image = Image.fromarray(black.astype(np.uint8) * 255)
    found = image.transform((side, side), Image.Transform.AFFINE, (a, b, x, d, e, y), Image.Resampling.BILINEAR)
    return np.asarray(found) > 127


@pytest.mark.parametrize("view", [View(degrees=-8.6), View(degrees=8.6), View(degrees=60.0), View(lean=0.25)], ids=str)
def test_nothing_leaves_a_picture_that_is_changed(view: View):
    for written in WRITTEN:
        black = black_and_white(written)
        changed, whole = _changed(black, view), in_a_square(black, view)
        np.testing.assert_array_equal(changed[bounds(changed)], whole[bounds(whole)])
    assert changed.size < whole.size
