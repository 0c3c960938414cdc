import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui_nn.plots import Row, Span, heat_key, heat_limits, heat_map, plain_text
from tui_nn.plots.heat_map import HEAT, RAMPS
from tui_nn.themes import make_theme

ROUGH = st.one_of(st.floats(), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e308, -1e308, 5e-324]))
GRIDS = npst.arrays(np.float64, st.tuples(st.integers(0, 20), st.integers(0, 20)), elements=ROUGH)
LIMITS = st.none() | st.tuples(ROUGH, ROUGH)


@given(
    GRIDS,
    st.integers(-1, 30),
    st.integers(-1, 12),
    st.sampled_from(["linear", "log"]),
    LIMITS,
    st.sampled_from(["braille", "block", "ascii"]),
    st.booleans(),
)
def test_any_values_at_any_size(values: np.ndarray, width, height, scale, limits, glyphs, shaded) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = heat_map(values, width, height, scale=scale, limits=limits, glyphs=glyphs, shaded=shaded)
        heat_key(heat_limits(values, scale), width, glyphs=glyphs, shaded=shaded)
    assert [sum(len(span.text) for span in row) for row in rows] == [max(width, 0)] * max(height, 0)
    assert glyphs != "ascii" or plain_text(rows).isascii()
    roles = {role for row in rows for span in row for role in span.role.split(" on ") if role}
    assert {f"role-{role}" for role in roles} <= set(make_theme("dark").variables)


def levels(rows: list[Row]) -> np.ndarray:
    """The places in HEAT, two rows a row of cells; -1 is unknown."""
    pairs = [[span.role.split(" on ") for span in row for _ in span.text] for row in rows]
    names = [[pair[half] for pair in row] for row in pairs for half in (0, 1)]
    return np.array([[HEAT.index(name) if name in HEAT else -1 for name in row] for row in names])


@given(npst.arrays(np.float64, (6, 5), elements=st.floats(-9, 9)), st.sampled_from([1e-3, 1.0, 1e6]))
def test_more_is_hotter_in_any_unit(values: np.ndarray, unit: float) -> None:
    shown = levels(heat_map(values * unit, 5, 3, limits=(-9 * unit, 9 * unit)))
    order = np.argsort(values, axis=None)
    assert (np.diff(shown.ravel()[order]) >= 0).all()
    np.testing.assert_array_equal(shown, np.minimum(np.floor((values + 9) / 18 * len(HEAT) + 1e-12), len(HEAT) - 1))


def test_a_log_scale_gives_factors_equal_steps() -> None:
    values = np.repeat(10.0 ** np.arange(5)[:, None], 4, axis=1).T
    shown = levels(heat_map(values, 5, 2, scale="log"))
    assert shown[0].tolist() == [0, 1, 2, 3, 4]
    signs = plain_text(heat_map(values, 5, 2, scale="log", shaded=False)).split("\n")[0]
    assert signs == RAMPS["braille"]


@given(st.integers(0, 63), st.integers(0, 4095))
def test_one_spike_among_many_values_is_seen(row: int, column: int) -> None:
    values = np.full((64, 4096), 0.1)
    values[row, column] = 9.0
    (at,) = np.argwhere(levels(heat_map(values, 60, 8)) == len(HEAT) - 1)
    place = int(np.searchsorted(np.arange(60) * 4096 // 60, column, side="right")) - 1
    assert at.tolist() == [row * 16 // 64, place]
    assert "@" in plain_text(heat_map(values, 60, 8, glyphs="ascii"))


def test_what_is_not_a_number_is_never_hidden() -> None:
    values = np.ones((64, 4096))
    values[3, 999] = np.nan
    values[5, 5] = np.inf
    assert (levels(heat_map(values, 60, 8)) == -1).sum() == 1
    assert plain_text(heat_map(values, 60, 8, shaded=False)).count("?") == 1


def test_few_values_fill_the_room() -> None:
    assert levels(heat_map(np.array([[0.0, 1.0]]), 4, 1)).tolist() == [[0, 0, 4, 4]] * 2


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_infinities_and_what_a_log_has_no_place_for_are_the_ends(scale) -> None:
    values = np.array([[-np.inf, 0.0, 1.0, 10.0, np.inf]] * 2)
    assert heat_limits(values, scale) == ((0.0, 10.0) if scale == "linear" else (1.0, 10.0))
    shown = levels(heat_map(values, 5, 1, scale=scale))[0].tolist()
    assert shown == [0, 0, 0, 4, 4]


def test_the_key_names_both_ends() -> None:
    row = heat_key((1e-5, 0.25), 40)
    assert plain_text([row]).split() == ["1e-5", "0.25"]
    assert [span.role for span in row[1:-1]] == [f"ink on {role}" for role in HEAT]
    assert heat_key((1e-5, 0.25), 40, shaded=False)[1] == Span(RAMPS["braille"], "ink")
    assert heat_key((1e-5, 0.25), 10) == ()
