from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.studies.figures import CURVES, FIGURES, spread
from engine.studies.result import first_reached


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9))
def test_mean_and_deviation_are_numpys(values: list[float]):
    found = spread(values)
    assert found.mean == pytest.approx(np.mean(values), abs=1e-9)
    assert found.deviation == pytest.approx(np.std(values, ddof=1), abs=1e-9)


def test_what_is_not_finite_is_left_out_and_too_few_have_no_spread():
    assert spread([1.0, nan, float("inf")]).values == (1.0,)
    assert isnan(spread([1.0]).deviation)
    assert isnan(spread([]).mean)


@pytest.mark.parametrize(
    ("curve", "y", "x"),
    [
        ("validation_accuracy", [0.1, 0.5, 0.4, 0.9], 2),
        ("validation_accuracy", [0.1, 0.2, 0.3, 0.4], nan),
        ("train_loss", [0.9, 0.6, 0.5, 0.1], 3),
        ("train_loss", [], nan),
    ],
)
def test_a_target_is_reached_where_the_curve_first_is_there(curve: str, y: list[float], x: float):
    found = first_reached([1.0, 2.0, 3.0, 4.0][: len(y)], y, 0.5, CURVES[curve])
    assert found == x or (isnan(found) and isnan(x))


def test_values_are_written_short():
    assert FIGURES["test_accuracy"].text(0.9512) == "95.1 %"
    assert FIGURES["train_loss"].text(0.03121) == "0.0312"
    assert FIGURES["steps"].text(6750) == "6750"
