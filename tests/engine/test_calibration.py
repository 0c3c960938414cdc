import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calibration import expected_calibration_error, reliability


@given(st.integers(1, 200), st.integers(1, 20), st.integers(0, 2**32 - 1), st.booleans())
def test_bins_are_those_of_scikit_learn(count: int, bins: int, seed: int, round_figures: bool):
    calibration = pytest.importorskip("sklearn.calibration")
    random = np.random.default_rng(seed)
    confidences = random.random(count)
    if round_figures:  # on the edges
        confidences = np.round(confidences, 1)
    right = random.random(count) < confidences
    right[:1], confidences[:1] = True, confidences[:1]
    found = reliability(confidences, right, bins)
    accuracy, confidence = calibration.calibration_curve(right, confidences, n_bins=bins)
    there = found.samples > 0
    assert found.accuracy[there] == pytest.approx(accuracy)
    assert found.confidence[there] == pytest.approx(confidence)
    assert found.samples.sum() == count
    assert np.isnan(found.accuracy[~there]).all()


def test_the_error_by_hand():
    # Two bins: 0.3 sure and right every second time, three times of ten; 0.9 sure and right six times of seven.
    confidences = np.array([0.3] * 4 + [0.9] * 6)
    right = np.array([1, 1, 0, 0, 1, 1, 1, 1, 1, 0], bool)
    expected = 0.4 * abs(0.5 - 0.3) + 0.6 * abs(5 / 6 - 0.9)
    assert expected_calibration_error(reliability(confidences, right, 2)) == pytest.approx(expected)


def test_of_nothing_there_is_none():
    assert np.isnan(expected_calibration_error(reliability(np.zeros(0), np.zeros(0, bool), 5)))


def test_certainty_is_in_the_last_bin():
    assert reliability(np.array([1.0, 0.0]), np.array([True, False]), 10).samples.tolist() == [1] + [0] * 8 + [1]
