import warnings
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui_nn.plots import Span, heat_maps, plain_text, tile
from tui_nn.plots.heat_maps import GAP, LEAST, Tiling


@given(st.integers(0, 300), st.integers(0, 100), st.integers(1, 500))
def test_the_largest_maps_that_fit(width: int, height: int, count: int) -> None:
    tiling = tile(count, width, height)
    if tiling.room:
        assert tiling.across * (tiling.width + GAP) - GAP <= width
        assert tiling.down * (tiling.height + 1) <= height
        assert tiling.width == 2 * tiling.height
    assert bool(tiling.room) == (width >= LEAST and height > LEAST // 2)
    if tiling.width > LEAST:
        assert tiling.room >= count


@given(
    npst.arrays(
        np.float64,
        npst.array_shapes(min_dims=3, max_dims=3, min_side=0, max_side=8),
        elements=st.floats(-1, 1) | st.just(np.nan),
    ),
    st.integers(0, 70),
    st.integers(0, 30),
    st.sampled_from(["braille", "block", "ascii"]),
    st.booleans(),
)
def test_any_maps_in_any_room(values: np.ndarray, width: int, height: int, glyphs: Any, shaded: bool) -> None:
    tiling = tile(max(len(values), 1), width, height)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = heat_maps(
            values,
            [("überlong name of a unit", "and more")] * len(values),
            tiling,
            glyphs=glyphs,
            shaded=shaded and glyphs != "ascii",
        )
    assert len(rows) <= height
    assert all(sum(len(span.text) for span in row) <= width + GAP for row in rows)
    assert glyphs != "ascii" or plain_text(rows).isascii()


def test_cold_below_zero_and_warm_above() -> None:
    values = np.array([[-1.0, -0.3, 0.0, 0.3, 1.0, np.nan] + [0.0] * 4] * 10)
    rows = heat_maps(values[None], [("1", "")], Tiling(1, 1, 10, 5))
    shades = [span.role.partition(" on ")[0] for span in rows[1]][:6]
    assert shades == ["ground", "negative-1", "zero", "positive-1", "ground", "unknown"]
    assert rows[1][0] == Span("-", "ground on negative-4")
    assert rows[1][4] == Span("+", "ground on positive-4")
    assert plain_text(rows[2:]).count("+") == 0


def test_signs_where_there_are_no_shades() -> None:
    values = np.array([[-1.0, -0.3, 0.0, 0.3, 1.0, np.nan] + [0.0] * 4] * 10)
    rows = heat_maps(values[None], [("1", "to 2")], Tiling(1, 1, 10, 5), shaded=False)
    assert plain_text(rows).splitlines()[:2] == ["1 to 2     ", "=- +#?     "]


def test_maps_stand_side_by_side_in_order() -> None:
    values = np.linspace(-1, 1, 7)[:, None, None] * np.ones((7, 2, 2))
    rows = heat_maps(values, [(str(number), "") for number in range(1, 8)], Tiling(3, 2, 10, 5), shaded=False)
    text = plain_text(rows).splitlines()
    assert (text[0].split(), text[6].split()) == (["1", "2", "3"], ["4", "5", "6"])
    assert len(text) == 12
    assert text[2] == "========== ========== ---------- "
    assert text[8] == "           ++++++++++ ########## "
    half = heat_maps(values[:2], [("1", ""), ("2", "")], Tiling(3, 2, 10, 5))
    assert len(half) == 6
    assert half[3][-1].role == "ground on ground"
