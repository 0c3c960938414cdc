import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.errors import UserError
from engine.training.commands import MOST_BINS
from engine.training.tally import tally

ROUGH = st.one_of(st.floats(-9, 9, width=32), st.sampled_from([np.nan, np.inf, -np.inf, 0.0]))
VECTORS = npst.arrays(np.float32, st.integers(0, 200), elements=ROUGH)


# Edges come of numbers in float32: none of them is a hair beside another in float64.
@given(VECTORS, st.integers(1, 80), st.floats(-5, 5, width=32, allow_subnormal=False), st.floats(0.125, 9, width=32))
def test_counts_are_numpys_between_the_same_edges(values: np.ndarray, bins: int, low: float, size: float):
    edges = low, low + size
    found = tally(values, bins, edges)
    finite = values[np.isfinite(values)].astype(np.float64)
    expected, ends = np.histogram(finite, bins, range=edges)
    # A number right at an edge between two bins may be rounded into either.
    near = [np.abs(finite[:, None] - ends[None, 1:-1]).min(axis=1, initial=np.inf) <= 1e-12 * max(map(abs, edges))][
        0
    ].sum()
    assert np.abs(np.array(found.counts) - expected).sum() <= 2 * near
    assert sum(found.counts) == expected.sum()
    assert (found.low, found.high) == edges
    assert found.under == (finite < edges[0]).sum()
    assert found.over == (finite > edges[1]).sum()
    assert found.not_a_number == np.isnan(values).sum()
    assert found.infinite == np.isinf(values).sum()
    assert found.total == values.size


@given(VECTORS)
def test_edges_that_it_chooses_hold_all_and_the_figures_are_those_of_numpy(values: np.ndarray):
    found = tally(values, 40)
    finite = values[np.isfinite(values)].astype(np.float64)
    assert (found.under, found.over) == (0, 0)
    assert sum(found.counts) == finite.size
    assert found.low == (-found.high if (values < 0).any() else 0)
    if finite.size:
        assert found.mean == pytest.approx(finite.mean(), abs=1e-9)
        assert found.deviation == pytest.approx(finite.std(), abs=1e-6)
    else:
        assert np.isnan([found.mean, found.deviation]).all()


@pytest.mark.parametrize("edges", [(1.0, 1.0), (2.0, 1.0), (np.nan, 1.0), (0.0, np.inf)])
def test_edges_without_a_place_between_them_are_refused(edges: tuple[float, float]):
    with pytest.raises(UserError, match="must be finite, the lower one first"):
        tally(np.ones(3, np.float32), 5, edges)


@pytest.mark.parametrize("bins", [0, -1, MOST_BINS + 1])
def test_a_count_of_bins_that_no_screen_shows_is_refused(bins: int):
    with pytest.raises(UserError, match=f"bins {bins}"):
        tally(np.ones(3, np.float32), bins)
