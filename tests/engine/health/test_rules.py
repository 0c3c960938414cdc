import math

import pytest

from engine.health.exploding import exploding
from engine.health.vanishing import vanishing

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("norms", "counts", "expected"),
    [
        ([1.0], [10], [""]),
        ([0.06, 0.04, 1.0], [10, 10, 10], ["", "amber", ""]),
        ([0.05, 1.0], [10, 10], ["", ""]),
        # The root mean square of n elements is the norm over the root of n.
        ([0.9e-6, 1.1e-6], [100, 100], ["red", ""]),
        ([1.1e-6, 1.1e-6], [10_000, 100], ["red", ""]),
        ([0.0, 1.0], [10, 10], ["red", ""]),
        ([0.0, 0.0], [10, 10], ["red", "red"]),
        ([0.9e-6, 1.0], [100, 100], ["red", ""]),
        ([], [], []),
    ],
)
def test_vanishing(norms: list[float], counts: list[int], expected: list[str]):
    assert vanishing(norms, counts) == expected


@pytest.mark.parametrize(
    ("recent", "medians", "expected"),
    [
        ([1.0, 10.0, 10.1], [1.0, 1.0, 1.0], ["", "", "amber"]),
        ([NAN, INF, 1.0], [1.0, 1.0, 1.0], ["red", "red", ""]),
        ([1.0], [INF], [""]),
        ([], [], []),
    ],
)
def test_exploding(recent: list[float], medians: list[float], expected: list[str]):
    assert exploding(recent, medians) == expected


def test_a_norm_that_is_not_finite_does_not_vanish():
    assert vanishing([NAN, 1.0], [10, 10]) == ["", ""]
    assert vanishing([INF, 1.0], [10, 10]) == ["", ""]
    assert vanishing([1.0, NAN], [10, 10]) == ["", ""]
