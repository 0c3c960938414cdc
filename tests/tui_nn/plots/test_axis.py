import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_nn.plots.axis import linear_limits, log_limits, log_ticks, place_ticks, short_number, tick_labels, widened

anything = st.floats(allow_nan=True, allow_infinity=True)
positive = st.floats(1e-250, 1e250)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.001, "0.001"),
        (1e-5, "1e-5"),
        (0.00012345, "1.23e-4"),
        (-0.25, "-0.25"),
        (0.12345, "0.123"),
        (9.996, "10"),
        (123, "123"),
        (999.6, "1k"),
        (1234, "1.23k"),
        (12_000, "12k"),
        (1_200_000, "1.2M"),
        (7e9, "7B"),
        (1e12, "1T"),
        (1e15, "1e15"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_short_numbers(value: float, text: str) -> None:
    assert short_number(value) == text


def test_short_numbers_that_change_in_place_keep_their_zeros() -> None:
    assert [short_number(value, keep_zeros=True) for value in (0.12, 2.5, 12_000, 1e-5)] == [
        "0.120",
        "2.50",
        "12.0k",
        "1.00e-5",
    ]


@given(st.floats(1e-300, 1e300))
def test_a_short_number_is_the_number(value: float) -> None:
    text = short_number(value)
    factor = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}.get(text[-1], 1)
    assert float(text.rstrip("kMBT")) * factor == pytest.approx(value, rel=6e-3)
    assert len(text) <= 9


@given(anything, anything)
def test_limits_are_finite_in_order_and_apart(low: float, high: float) -> None:
    for limits in (widened(low, high), linear_limits(low, high)):
        assert all(map(math.isfinite, limits))
        assert limits[0] < limits[1]
    a, b = log_limits(low, high)
    assert 0 < a < b < math.inf


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_linear_limits_hold_the_data_with_little_waste(low: float, span: float) -> None:
    a, b = linear_limits(low, low + span)
    assert a <= low + 1e-6 * span
    assert b >= low + span - 1e-6 * span
    assert b - a <= 1.51 * (widened(low, low + span)[1] - widened(low, low + span)[0])


def test_limits_move_in_steps() -> None:
    limits = [linear_limits(0, step) for step in range(1000, 2000)]
    assert len(set(limits)) <= 10
    assert [linear_limits(0, top)[1] for top in (0.98, 2.31, 4.6)] == [1.0, 2.5, 5.0]
    assert log_limits(0.043, 2.31) == (0.02, 5.0)
    assert log_limits(1, 1) == (0.5, 2.0)


@example(101.5, 1.0, 2)
@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e9), st.integers(2, 60))
def test_ticks_from_top_to_bottom(low: float, span: float, cells: int) -> None:
    limits = linear_limits(low, low + span)
    ticks = place_ticks(limits, cells, 4, scale="linear", horizontal=False)
    assert len(ticks) >= 2
    assert all(0 <= tick.cell < cells for tick in ticks)
    assert all(a.cell < b.cell and a.label != b.label for a, b in pairwise(ticks))


@given(positive, st.floats(1, 1e40), st.integers(2, 60), st.booleans())
def test_log_ticks_from_top_to_bottom(low: float, ratio: float, cells: int, snapped: bool) -> None:
    limits = log_limits(low, low * ratio) if snapped else widened(low, low * ratio)
    ticks = place_ticks(limits, cells, 4, scale="log", horizontal=False)
    assert len(ticks) >= 2
    assert all(0 <= tick.cell < cells for tick in ticks)
    assert all(a.cell < b.cell for a, b in pairwise(ticks))


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 150))
def test_labels_side_by_side_do_not_touch(low: float, span: float, cells: int) -> None:
    ticks = place_ticks(linear_limits(low, low + span), cells, 2, scale="linear", horizontal=True)
    assert all(a.cell + len(a.label) < b.cell + 1 for a, b in pairwise(ticks))


def test_log_ticks_are_decades_and_subdivided_if_few() -> None:
    assert log_ticks(1e-4, 1, 5) == [1e-4, 1e-3, 1e-2, 0.1, 1]
    assert log_ticks(1e-9, 1, 5) == [1e-8, 1e-6, 1e-4, 1e-2, 1]
    assert log_ticks(0.5, 5, 5) == [0.5, 1, 2, 5]
    assert log_ticks(2.1, 2.3, 2) == [2.1, 2.2, 2.3]


def test_tick_labels() -> None:
    assert tick_labels([0, 0.5, 1, 1.5]) == ["0", "0.5", "1.0", "1.5"]
    assert tick_labels([0.1, 1, 10]) == ["0.1", "1", "10"]
    assert tick_labels([0, 5000, 10_000, 15_000]) == ["0", "5k", "10k", "15k"]
    assert tick_labels([1e-222, 1e299]) == ["1e-222", "1e299"]
    assert tick_labels([1.2341e6, 1.2342e6]) == ["1.2341M", "1.2342M"]
