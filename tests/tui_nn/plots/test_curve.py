import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots.curve import Curve, Reading, reading, y_limits

STEPS = np.array([10.0, 20.0, 30.0, 40.0])
RANGED = Curve(STEPS, np.array([1.0, 2.0, 3.0, 4.0]), "", "", np.array([0.0, 1, 2, 3]), np.array([9.0, 3, 8, 5]))


def test_a_reading_is_the_mean_of_a_column_and_its_extremes():
    assert reading(RANGED, 15, 35) == Reading(2.5, 1.0, 8.0)
    assert reading(RANGED, 20, 21) == Reading(2.0, 1.0, 3.0)


def test_where_nothing_stands_it_is_what_stood_last():
    assert reading(RANGED, 31, 39) == Reading(3.0, 2.0, 8.0)
    assert reading(RANGED, 99, 100) == Reading(4.0, 3.0, 5.0)
    assert reading(RANGED, 1, 5) is None
    assert reading(RANGED._replace(layer="before"), 99, 100) is None


def test_a_reading_of_a_gap_is_not_a_number():
    gap = Curve(STEPS, np.array([1.0, np.nan, np.nan, np.inf]), "", "")
    found = [reading(gap, start, start + 1) for start in (10, 20, 40)]
    assert [math.isnan(item.mean) for item in found if item] == [False, True, False]
    assert found[2] is not None
    assert found[2].mean == math.inf
    assert reading(gap, 10, 21) is not None
    assert reading(gap, 10, 21).mean == 1.0  # type: ignore[union-attr]


@pytest.mark.parametrize("scale", ["linear", "log"])
@given(st.floats(0.01, 10), st.floats(1.1, 5), st.floats(-300, 300))
def test_a_run_before_moves_the_axis_by_no_more_than_its_height(scale, low: float, factor: float, power: float):
    now = Curve(STEPS, np.array([low, low * factor, low, low]), "", "")
    before = Curve(STEPS, np.full(4, 10.0**power), "", "", layer="before")
    alone, both = (np.array(y_limits(curves, (0, 50), None, scale)) for curves in ([now], [now, before]))
    if scale == "log":
        alone, both = np.log10(alone), np.log10(both)
    assert both[0] <= alone[0] + 1e-9
    assert both[1] >= alone[1] - 1e-9
    # Twice as much, what the limits are rounded to, and half of a small value.
    assert both[1] - both[0] <= 5 * (alone[1] - alone[0]) + (2 if scale == "log" else factor * low * 3)


def test_a_window_between_two_points_has_the_limits_of_both():
    low, high = y_limits([Curve(STEPS, np.array([1.0, 2, 5, 9]), "", "")], (21, 29), None, "linear")
    assert (low, high) == (2.0, 5.0)


@pytest.mark.parametrize("values", [[0.0, -1.0, 0.0, 0.0], [np.nan] * 4, [np.inf] * 4])
def test_a_log_axis_of_nothing_that_it_can_show_is_an_axis_all_the_same(values: list[float]):
    y = np.where(np.array(values) > 0, values, np.nan)
    low, high = y_limits([Curve(STEPS, y, "", "")], (0, 50), None, "log")
    assert 0 < low < high < math.inf
