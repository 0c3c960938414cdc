import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets import DataError
from engine.datasets.samples import Samples, dataset_from_samples
from engine.datasets.standardize import column_statistics, pixel_statistics


@given(st.integers(0, 2**32), st.integers(10, 200), st.integers(1, 6), st.floats(1e-3, 1e6), st.floats(-1e6, 1e6))
def test_trained_rows_have_mean_0_and_deviation_1_and_nothing_of_the_others(
    seed: int, count: int, features: int, scale: float, level: float
):
    random = np.random.default_rng(seed)
    x = random.normal(level, scale, (count, features))
    labels = random.normal(level, scale, count)
    dataset = dataset_from_samples("rows", Samples(x, labels), None, target_name="y", provenance="")
    if scale > 1e-6 * abs(level):
        np.testing.assert_allclose(dataset.train.x.mean(axis=0, dtype=float), 0, atol=1e-4)
        np.testing.assert_allclose(dataset.train.x.std(axis=0, dtype=float), 1, rtol=1e-4)
    kept = dataset.values(dataset.train.x)
    # Other validation and test rows: what is trained on stays the same to the bit.
    trained = np.array([np.abs(kept - row).sum(axis=1).min() <= 1e-4 * np.abs(row).sum() for row in x])
    elsewhere = np.where(trained[:, np.newaxis], x, x * 3 + 1)
    if trained.sum() == len(dataset.train):
        again = dataset_from_samples("rows", Samples(elsewhere, labels), None, target_name="y", provenance="")
        np.testing.assert_array_equal(again.train.x, dataset.train.x)
        np.testing.assert_array_equal(again.input_mean, dataset.input_mean)
        assert not np.array_equal(again.test.x, dataset.test.x)


@given(st.floats(-1e30, 1e30), st.integers(1, 50))
def test_a_constant_column_is_taken_off_and_divided_by_nothing(value: float, count: int):
    mean, std = column_statistics(np.full((count, 1), value), np.arange(count))
    assert (mean.tolist(), std.tolist()) == ([value], [1.0])


def test_statistics_are_those_of_numpy_for_tables_beyond_a_block():
    x = np.random.default_rng(0).normal(1e5, 3, (5000, 700))
    chosen = np.arange(0, 5000, 2)
    mean, std = column_statistics(x, chosen)
    np.testing.assert_allclose(mean, x[chosen].mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(std, x[chosen].std(axis=0), rtol=1e-9)


def test_pixels_count_alike_as_bytes_and_as_shares():
    pictures = np.random.default_rng(0).integers(0, 256, (20, 3, 4, 5), dtype=np.uint8)
    chosen = np.arange(5, 15)
    exact = (pictures[chosen] / 255).mean(), (pictures[chosen] / 255).std()
    assert pixel_statistics(pictures, chosen) == pytest.approx(exact)
    assert pixel_statistics(pictures / 255, chosen) == pytest.approx(exact)


def test_a_test_of_nothing_is_refused():
    rows, labels = np.eye(10), np.arange(10.0)
    empty = Samples(rows[:0], labels[:0])
    with pytest.raises(DataError, match="rows: no test samples; expected one or more"):
        dataset_from_samples("rows", Samples(rows, labels), empty, target_name="y", provenance="")


def test_pixels_in_any_order_of_memory():
    pictures = np.random.default_rng(0).random((20, 4, 5, 3))
    chosen = np.arange(5, 15)
    last = np.moveaxis(pictures, -1, 1)
    assert pixel_statistics(last, chosen) == pytest.approx((pictures[chosen].mean(), pictures[chosen].std()))
