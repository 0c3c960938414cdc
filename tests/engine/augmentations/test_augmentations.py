from collections.abc import Callable
from dataclasses import replace
from math import atan, exp, log, pi, radians, sqrt

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.augmentations import Augmentation, augmentations, make_augmentation
from engine.datasets import Dataset
from engine.datasets.base import Split
from engine.errors import UserError
from engine.kernels.augment import Ranges, add_elastic, affine_positions
from engine.training.learner import Learner

Learn = Callable[..., Learner]

NAMES = [name for name in augmentations.names() if name != "none"]
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def augmentation(text: str, dataset: Dataset) -> Augmentation:
    made = make_augmentation(text, dataset)
    assert made is not None
    return made


def matrices(**ranges: float) -> tuple[np.ndarray, np.ndarray]:
    """The matrices and shifts of many draws, read off how three pixels of a picture of 3x3 are moved: x, then y."""
    still = Ranges(0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    found = np.empty((4000, 2, 3, 3))
    for key, positions in enumerate(found):
        affine_positions(np.uint64(key), still._replace(**ranges), positions)
    x_then_y = found[:, ::-1]
    middle = x_then_y[:, :, 1, 1]
    return np.stack([x_then_y[:, :, 1, 2] - middle, x_then_y[:, :, 2, 1] - middle], axis=-1), middle - 1


def assert_uniform(draws: np.ndarray, limit: float) -> None:
    """Uniform in ± limit, as far as many draws show it."""
    assert np.abs(draws).max() <= limit * (1 + 1e-9)
    shares = np.sort(draws / limit / 2 + 0.5)
    # Kolmogorov's distance: by chance above 2 / sqrt(n) once in 1500 times.
    assert np.abs(shares - (np.arange(len(shares)) + 0.5) / len(shares)).max() < 2 / sqrt(len(shares))


def test_pictures_are_moved_by_the_whole_range_evenly():
    matrix, shift = matrices(shift=2.5)
    np.testing.assert_allclose(matrix, np.broadcast_to(np.eye(2), matrix.shape), atol=1e-12)
    assert_uniform(shift[:, 0], 2.5)
    assert_uniform(shift[:, 1], 2.5)
    assert abs(np.corrcoef(shift.T)[0, 1]) < 0.06


def test_pictures_are_turned_by_the_whole_range_evenly():
    matrix, shift = matrices(rotation=0.3)
    np.testing.assert_allclose(np.linalg.det(matrix), 1)
    np.testing.assert_allclose(matrix[:, 0, 0], matrix[:, 1, 1])
    assert_uniform(np.arctan2(matrix[:, 1, 0], matrix[:, 0, 0]), 0.3)
    assert np.abs(shift).max() < 1e-12


def test_pictures_are_stretched_along_each_axis_as_often_as_shrunk():
    matrix, _ = matrices(scale=log(1.2))
    np.testing.assert_allclose(matrix[:, [0, 1], [1, 0]], 0, atol=1e-12)
    logarithms = np.log(matrix[:, [0, 1], [0, 1]])
    assert_uniform(logarithms[:, 0], log(1.2))
    assert_uniform(logarithms[:, 1], log(1.2))
    assert abs(np.corrcoef(logarithms.T)[0, 1]) < 0.06


def test_pictures_are_sheared_by_the_whole_range_evenly():
    matrix, _ = matrices(shear=0.4)
    np.testing.assert_allclose(matrix[:, [0, 1, 1], [0, 0, 1]], np.broadcast_to([1.0, 0.0, 1.0], (len(matrix), 3)))
    assert_uniform(matrix[:, 0, 1], 0.4)


def elastic_fields(alpha: float, sigma: float, count: int) -> np.ndarray:
    fields = np.zeros((count, 2, 29, 29), np.float32)
    for key, field in enumerate(fields):
        add_elastic(np.uint64(key), alpha, sigma, field)
    return fields


@pytest.mark.parametrize(("alpha", "sigma"), [(34.0, 4.0), (8.0, 2.0), (36.0, 6.0)])
def test_pixels_are_moved_as_far_as_by_smoothed_noise(alpha: float, sigma: float):
    # A sum of independent draws, each of variance 1/3, weighted by the Gaussian.
    line = np.exp(-(np.arange(-60, 61) ** 2) / (2 * sigma**2))
    gaussian = np.outer(line, line) / line.sum() ** 2
    expected = alpha * sqrt((gaussian**2).sum() / 3)
    assert expected == pytest.approx(alpha / (sqrt(12 * pi) * sigma), rel=1e-6)
    fields = elastic_fields(alpha, sigma, 2000)
    assert fields.std() == pytest.approx(expected, rel=0.03)
    assert abs(fields.mean()) < 0.05 * expected
    # Everywhere in the picture, its edges included, and along each axis by itself.
    assert np.abs(fields.std(axis=0) / expected - 1).max() < 0.1
    assert abs((fields[:, 0] * fields[:, 1]).mean()) < 0.03 * expected**2


@pytest.mark.parametrize("way", [1, 3, 6, 9, 12])
def test_neighbouring_pixels_move_together_as_by_smoothed_noise(way: int):
    sigma = 4.0
    fields = elastic_fields(34.0, sigma, 2000)
    across = (fields[..., way:] * fields[..., :-way]).mean() / fields.var()
    down = (fields[:, :, way:] * fields[:, :, :-way]).mean() / fields.var()
    # A Gaussian's correlation with itself, moved by so much.
    assert [across, down] == pytest.approx([exp(-(way**2) / (4 * sigma**2))] * 2, abs=0.03)


@pytest.mark.parametrize("name", NAMES)
def test_an_intensity_of_zero_leaves_each_bit(tiny_data: Dataset, name: str):
    still = augmentation(f"{name}(augment_intensity=0)", tiny_data)
    chosen = np.arange(len(tiny_data.train))
    assert still.vary(tiny_data.train.x, chosen, seed=1, epoch=2).tobytes() == tiny_data.train.x.tobytes()


def test_intensity_is_a_factor_on_all_ranges(tiny_data: Dataset):
    once = augmentation("elastic(rotation=15, shift=2, scale=0.15, shear=10, alpha=30, sigma=5)", tiny_data)
    assert (once.ranges.rotation, once.ranges.shift, once.ranges.sigma) == (pytest.approx(radians(15)), 2, 5)
    assert (exp(once.ranges.scale), atan(once.ranges.shear)) == pytest.approx((1.15, radians(10)))
    twice = replace(once, augment_intensity=2.0)
    assert twice.ranges[:5] == pytest.approx([2 * value for value in once.ranges[:5]])
    assert twice.ranges.sigma == 5


@pytest.mark.parametrize("name", NAMES)
@SHARED
@given(data=st.data(), seed=st.integers(0, 2**32 - 1), epoch=st.integers(0, 10**6))
def test_a_variation_depends_on_seed_epoch_and_place_alone(
    tiny_data: Dataset, name: str, data: st.DataObject, seed: int, epoch: int
):
    x = tiny_data.train.x
    order = np.array(data.draw(st.permutations(range(20))))
    made = augmentation(name, tiny_data)
    together = made.vary(x, np.arange(20), seed=seed, epoch=epoch)
    assert made.vary(x, order, seed=seed, epoch=epoch).tobytes() == together[order].tobytes()
    assert made.vary(x, order[:1], seed=seed, epoch=epoch).tobytes() == together[order[:1]].tobytes()
    for other in (made.vary(x, np.arange(20), seed=s, epoch=e) for s, e in ((seed + 1, epoch), (seed, epoch + 1))):
        assert (other != together).reshape(20, -1).any(axis=1).all()


def test_each_picture_is_varied_in_its_own_way(tiny_data: Dataset):
    same = np.repeat(tiny_data.train.x[:1], 50, axis=0)
    varied = augmentation("affine", tiny_data).vary(same, np.arange(50), seed=0, epoch=0)
    assert len({picture.tobytes() for picture in varied}) == 50


def test_what_comes_in_from_outside_is_black(tiny_data: Dataset):
    far = augmentation("affine(shift=1000)", tiny_data).vary(tiny_data.train.x, np.arange(5), seed=0, epoch=0)
    np.testing.assert_allclose(tiny_data.pixels(far), 0, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_channels_are_moved_together(tiny_data: Dataset, name: str):
    x = tiny_data.train.x
    coloured = np.concatenate([x, 2 * x, -x], axis=1)
    made = augmentation(name, tiny_data)
    made.background = 0.0
    varied = made.vary(coloured, np.arange(8), seed=0, epoch=0)
    np.testing.assert_allclose(varied[:, 1], 2 * varied[:, 0], atol=1e-6)
    np.testing.assert_allclose(varied[:, 2], -varied[:, 0], atol=1e-6)


def test_training_sees_variations_and_evaluation_does_not(learn: Learn, tiny_data: Dataset):
    plain, varied = learn(), learn(augment="affine")
    assert plain.evaluate(tiny_data.train) == varied.evaluate(tiny_data.train)
    x = tiny_data.train.x[:10]
    assert plain.predict(x)[1].tobytes() == varied.predict(x)[1].tobytes()
    assert plain.train_step(3).loss != varied.train_step(3).loss


def test_a_run_without_intensity_is_one_without_augmentation(learn: Learn):
    plain, still = learn(), learn(augment="elastic", set={"augment_intensity": 0})
    for _ in range(8):
        assert plain.train_step(3).loss == still.train_step(3).loss
        assert (plain.end_epoch() is None) == (still.end_epoch() is None)
    assert plain.model.values.tobytes() == still.model.values.tobytes()


def test_samples_that_are_no_pictures_are_refused(tiny_data: Dataset):
    def flat(split: Split) -> Split:
        return Split(split.x.reshape(len(split), -1), split.labels)

    rows = replace(tiny_data, train=flat(tiny_data.train))
    assert make_augmentation("none", rows) is None
    with pytest.raises(UserError, match=r"--augment affine: needs samples of .*\(25,\)"):
        make_augmentation("affine", rows)
