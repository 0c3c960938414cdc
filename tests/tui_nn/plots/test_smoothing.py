import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui_nn.plots import debiased_ema

VALUES = npst.arrays(np.float64, st.integers(0, 300), elements=st.floats(-1e6, 1e6))
ROUGH = npst.arrays(
    np.float64, st.integers(0, 80), elements=st.one_of(st.floats(-9, 9), st.sampled_from([np.nan, np.inf, -np.inf]))
)
WEIGHTS = st.floats(0.01, 0.99)


def as_tensorboard(values: np.ndarray, weight: float) -> list[float]:
    """`resmoothDataset` of vz_line_chart2/line-chart.ts, value by value."""
    last, count, smoothed = 0.0, 0, []
    for value in values.tolist():
        if not np.isfinite(value):
            smoothed.append(value)
            continue
        last = last * weight + (1 - weight) * value
        count += 1
        smoothed.append(last / (1 - weight**count))
    return smoothed


@given(VALUES | ROUGH, WEIGHTS)
def test_it_is_tensorboards(values: np.ndarray, weight: float) -> None:
    scale = max(1.0, np.abs(values[np.isfinite(values)]).max(initial=0))
    for counts in (None, np.ones(values.size)):
        smoothed = debiased_ema(values, weight, counts)
        np.testing.assert_allclose(smoothed, as_tensorboard(values, weight), rtol=1e-9, atol=1e-10 * scale)


def test_thousands_of_values_are_still_tensorboards() -> None:
    values = np.random.default_rng(0).standard_normal(20_000)
    for weight in (0.6, 0.97, 0.999):
        np.testing.assert_allclose(debiased_ema(values, weight), as_tensorboard(values, weight), atol=1e-12)


@given(VALUES, WEIGHTS, st.integers(0, 300))
def test_what_is_past_stays_to_the_bit(values: np.ndarray, weight: float, count: int) -> None:
    whole, part = debiased_ema(values, weight), debiased_ema(values[:count], weight)
    assert whole[: part.size].tobytes() == part.tobytes()


@given(st.lists(st.tuples(st.floats(-9, 9), st.integers(1, 50)), min_size=1, max_size=40), WEIGHTS)
def test_a_point_of_many_equal_values_counts_as_many(points: list[tuple[float, int]], weight: float) -> None:
    values, counts = (np.array(column, dtype=np.float64) for column in zip(*points, strict=True))
    each = debiased_ema(np.repeat(values, counts.astype(int)), weight)
    joined = debiased_ema(values, weight, counts)
    np.testing.assert_allclose(joined, each[np.cumsum(counts).astype(int) - 1], atol=1e-9)


@given(st.floats(-1e300, 1e300), st.integers(1, 100), WEIGHTS)
def test_a_constant_stays_one(value: float, count: int, weight: float) -> None:
    np.testing.assert_allclose(debiased_ema(np.full(count, value), weight), value, rtol=1e-12)


@given(ROUGH, WEIGHTS)
def test_a_gap_spreads_to_nothing(values: np.ndarray, weight: float) -> None:
    smoothed = debiased_ema(values, weight)
    known = np.isfinite(values)
    np.testing.assert_array_equal(smoothed[~known], values[~known])
    np.testing.assert_array_equal(smoothed[known], debiased_ema(values[known], weight))


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_without_a_weight_the_values_are_themselves(weight: float) -> None:
    values = np.array([1.0, np.nan, 3.0])
    smoothed = debiased_ema(values, weight)
    np.testing.assert_array_equal(smoothed, values)
    smoothed[0] = 9
    assert values[0] == 1.0
