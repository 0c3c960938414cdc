import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui_nn.plots import histogram, plain_text
from tui_nn.plots.histogram import rebinned

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@given(
    npst.arrays(np.float64, st.integers(0, 80), elements=NUMBERS),
    NUMBERS,
    NUMBERS,
    st.integers(0, 60),
    st.integers(0, 9),
    st.sampled_from(["braille", "block", "ascii"]),
)
def test_any_input_at_any_size(counts, low, high, width, height, glyphs) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = histogram(counts, low, high, width, height, glyphs=glyphs)
    assert [sum(len(span.text) for span in row) for row in rows] == [width] * height
    assert glyphs != "ascii" or plain_text(rows).isascii()


@given(npst.arrays(np.float64, st.integers(1, 80), elements=st.floats(0, 1e6)), st.integers(1, 200))
def test_rebinning_keeps_the_sum(counts: np.ndarray, columns: int) -> None:
    assert rebinned(counts, columns).sum() == pytest.approx(counts.sum(), rel=1e-6, abs=1e-9)


def test_rebinning_shares_a_count_by_overlap() -> None:
    assert rebinned(np.array([3.0, 6.0, 3.0]), 2) == pytest.approx([6, 6])
    assert rebinned(np.array([4.0, 8.0]), 4) == pytest.approx([2, 2, 4, 4])
    assert rebinned(np.array([np.nan, 1.0, -5.0, np.inf]), 4) == pytest.approx([0, 1, 0, 0])


def test_one_value_among_many_is_seen() -> None:
    counts = np.zeros(40)
    counts[3], counts[37] = 1e9, 1
    text = plain_text(histogram(counts, -1, 1, 40, 5)).split("\n")
    assert text[3][37] == "▁"
    assert text[3][36] == " "


def test_as_text() -> None:
    counts = np.array([0, 1, 3, 8, 4, 1, 0, 0])
    assert plain_text(histogram(counts, -3, 5, 8, 3)) == "\n".join(["   █    ", " ▂▆██▂  ", "-3 0   5"])
    assert plain_text(histogram(counts, -3, 5, 8, 1)) == " ▁▃█▄▁  "
    assert plain_text(histogram(counts, -3, 5, 8, 3, glyphs="ascii")) == "\n".join(["   |    ", " .:||.  ", "-3 0   5"])
