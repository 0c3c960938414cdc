"""Where the points of the computed sets lie, in their own units."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import datasets
from engine.datasets import Dataset
from engine.datasets.blobs import blobs
from engine.datasets.checkerboard import checkerboard
from engine.datasets.circles import circles
from engine.datasets.moons import moons
from engine.datasets.spiral import spiral
from engine.datasets.xor import xor
from engine.errors import UserError

DRAWS = {draw.__name__: draw for draw in (blobs, checkerboard, circles, moons, spiral, xor)}
counts = st.integers(50, 400)
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("name", DRAWS)
@given(samples=counts, seed=seeds)
def test_every_class_has_as_many_points_as_the_others(name: str, samples: int, seed: int):
    drawn = DRAWS[name](samples=samples, seed=seed)
    assert drawn.points.shape == (samples, 2)
    assert np.isfinite(drawn.points).all()
    found = np.bincount(drawn.labels, minlength=len(drawn.class_names))
    assert len(found) == len(drawn.class_names)
    # The squares of a board are filled one after the other: the last round may be of one colour more.
    assert found.max() - found.min() <= (4 if name == "checkerboard" else 2)


@given(arms=st.integers(2, 10), samples=counts, turns=st.floats(0.1, 10))
def test_an_arm_leaves_the_middle_and_winds_around_it(arms: int, samples: int, turns: float):
    drawn = spiral(arms, 0.0, samples, turns)
    for arm in range(arms):
        x, y = drawn.points[drawn.labels == arm].T
        radius, angle = np.hypot(x, y), np.unwrap(np.arctan2(x, y), period=2 * np.pi)
        np.testing.assert_allclose(radius, np.arange(1, len(x) + 1) / len(x))
        expected = 2 * np.pi * (arm / arms + turns * radius)
        np.testing.assert_allclose(np.cos(angle), np.cos(expected), atol=1e-9)
        np.testing.assert_allclose(np.sin(angle), np.sin(expected), atol=1e-9)


def test_the_noise_of_a_spiral_is_an_angle():
    points, noisy = spiral(noise=0, samples=30000).points, spiral(noise=0.2, samples=30000).points
    np.testing.assert_allclose(np.hypot(*noisy.T), np.hypot(*points.T))
    turned = np.angle(np.exp(1j * (np.arctan2(*noisy.T) - np.arctan2(*points.T))))
    assert turned.std() == pytest.approx(0.2, rel=0.03)


def test_moons_and_circles_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.datasets")
    for ours, (points, labels) in (
        (moons(0.0, 100), sklearn.make_moons(100, shuffle=False)),
        (circles(0.3, 0.0, 100), sklearn.make_circles(100, shuffle=False, factor=0.3)),
    ):
        for label in (0, 1):
            np.testing.assert_allclose(ours.points[ours.labels == label], points[labels == label], atol=1e-12)


@given(samples=counts)
def test_a_moon_is_half_a_circle_around_its_own_middle(samples: int):
    drawn = moons(0.0, samples)
    upper, lower = (drawn.points[drawn.labels == label] for label in (0, 1))
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert upper[:, 1].min() >= -1e-12
    assert lower[:, 1].max() <= 0.5 + 1e-12


@given(samples=counts, factor=st.floats(0, 0.99))
def test_one_circle_lies_in_the_other(samples: int, factor: float):
    drawn = circles(factor, 0.0, samples)
    radius = np.hypot(*drawn.points.T)
    np.testing.assert_allclose(radius, np.where(drawn.labels == 0, 1, factor), atol=1e-12)
    np.testing.assert_allclose(drawn.points[drawn.labels == 0].mean(axis=0), 0, atol=1e-12)


@given(samples=counts, margin=st.floats(0, 0.9), seed=seeds)
def test_xor_is_the_sign_of_the_product(samples: int, margin: float, seed: int):
    drawn = xor(margin, 0.0, samples, seed)
    x, y = drawn.points.T
    np.testing.assert_array_equal(drawn.labels == 1, x * y < 0)
    assert np.abs(drawn.points).min() >= margin
    assert np.abs(drawn.points).max() <= 1


@given(squares=st.integers(2, 7), samples=counts, seed=seeds)
def test_neighbours_on_a_board_differ(squares: int, samples: int, seed: int):
    drawn = checkerboard(squares, 0.0, samples, seed)
    column, row = np.floor((drawn.points + 1) * squares / 2).astype(int).T
    np.testing.assert_array_equal(drawn.labels, (row + column) % 2)
    found = np.bincount(row * squares + column, minlength=squares**2)
    assert found.max() - found.min() <= 1


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_blobs_stand_at_the_corners_of_a_polygon(classes: int):
    drawn = blobs(classes, 0.05, 700 * classes)
    centres = np.array([drawn.points[drawn.labels == label].mean(axis=0) for label in range(classes)])
    np.testing.assert_allclose(np.hypot(*centres.T), 1, atol=0.01)
    sides = np.hypot(*(centres - np.roll(centres, 1, axis=0)).T)
    np.testing.assert_allclose(sides, 2 * np.sin(np.pi / classes), atol=0.02)


@pytest.mark.parametrize("name", ["moons", "circles", "xor", "checkerboard", "blobs"])
def test_noise_is_the_deviation_of_both_coordinates(name: str):
    noisy, exact = (DRAWS[name](noise=noise, samples=20000) for noise in (0.3, 0.0))
    np.testing.assert_allclose((noisy.points - exact.points).std(axis=0), 0.3, rtol=0.03)
    np.testing.assert_array_equal(noisy.labels, exact.labels)


# As data sets.


def everything(dataset: Dataset) -> np.ndarray:
    return np.concatenate([dataset.values(part.x) for part in (dataset.train, dataset.validation, dataset.test)])


@pytest.mark.parametrize("name", DRAWS)
def test_the_splits_have_every_point_once(name: str):
    dataset = datasets.load(f"{name}(seed=4, samples=500)")
    drawn = DRAWS[name](seed=4, samples=500)
    ours, theirs = np.sort(everything(dataset), axis=0), np.sort(drawn.points, axis=0)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    sizes = [len(part) for part in (dataset.train, dataset.validation, dataset.test)]
    assert sizes == pytest.approx([300, 100, 100], abs=2)
    assert dataset.feature_names == ("x", "y")
    np.testing.assert_allclose(dataset.train.x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(dataset.train.x.std(axis=0), 1, atol=1e-6)


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_is_a_draw(name: str):
    first, again, other = (datasets.load(f"{name}(seed={seed})") for seed in (3, 3, 5))
    for part in ("train", "validation", "test"):
        ours, same, different = (getattr(dataset, part) for dataset in (first, again, other))
        assert ours.x.tobytes() == same.x.tobytes()
        assert ours.labels.tobytes() == same.labels.tobytes()
        assert ours.x.tobytes() != different.x.tobytes()


def test_a_part_of_a_split_is_no_part_of_the_picture():
    # Figures between epochs rest on the first validation samples: in the order of the arms they would be the middle.
    dataset = datasets.load("spiral(samples=10000)")
    radius = np.hypot(*dataset.values(dataset.validation.x).T)
    assert np.median(radius[:500]) == pytest.approx(np.median(radius), abs=0.1)


def test_a_call_names_the_data_set_and_its_provenance_all_arguments():
    dataset = datasets.load(" spiral(5, noise=0.1) ")
    assert dataset.name == "spiral(5, noise=0.1)"
    assert dataset.provenance == "computed by spiral(arms=5, noise=0.1, samples=1500, turns=0.75, seed=0)"
    assert dataset.class_names == ("arm 1", "arm 2", "arm 3", "arm 4", "arm 5")
    assert datasets.load(dataset.name).train.x.tobytes() == dataset.train.x.tobytes()


@pytest.mark.parametrize("name", DRAWS)
def test_every_bound_is_kept(name: str):
    for parameter in inspect.signature(DRAWS[name]).parameters:
        with pytest.raises(UserError, match=rf"data set {name}\({parameter}=-1\): {parameter} -1 must be"):
            datasets.load(f"{name}({parameter}=-1)")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("spiral(arm=3)", "unexpected keyword argument 'arm'; write spiral(arms=3, noise=0.2, samples=1500"),
        ("spiral(3", "cannot read the data set 'spiral(3'"),
        ("spirl(3)", "did you mean 'spiral'?"),
        ("moons(), xor()", "2 are named; name one"),
        ("moons(samples=1e9)", "must be a whole number"),
        ("mnist-5k(3)", "cannot read the data set 'mnist-5k(3)'"),
    ],
)
def test_a_mistake_in_a_call_is_one_line(spec: str, words: str):
    with pytest.raises(UserError) as caught:
        datasets.load(spec)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
