import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots import plain_text, reliability_plot
from tui_nn.plots.reliability import ConfidenceBin

NONE = ConfidenceBin(math.nan, math.nan, 0)


def test_a_bar_ends_where_its_answers_are_right_and_its_line_where_they_were_sure():
    bins = [NONE, ConfidenceBin(0.9, 0.5, 40)]
    rows = reliability_plot(bins, 25, 12, glyphs="ascii")
    lines = plain_text(rows).splitlines()
    bar = [y for y, line in enumerate(lines) if "####" in line]
    assert bar == [5, 6, 7, 8, 9]  # the lower half of ten rows
    (line,) = [y for y, line in enumerate(lines) if "----" in line]
    assert line == 0  # nine tenths of ten rows end at the top of the tenth
    assert lines[10].split() == ["sure", "0", "50"]
    assert lines[11].split() == ["of", "40"]
    assert {span.role for span in rows[0] if "-" in span.text} == {"bad"}


def test_a_line_within_its_bar_is_not_too_sure():
    rows = reliability_plot([ConfidenceBin(0.5, 1.0, 3)], 12, 10)
    roles = [span.role for row in rows for span in row if "─" in span.text]
    assert roles == ["ground on bar"]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 10**6)), max_size=20), st.integers(0, 80))
@pytest.mark.parametrize("height", [0, 1, 3, 4, 12])
def test_any_bins_in_any_room(height: int, bins: list[tuple[float, float, int]], width: int):
    rows = reliability_plot([ConfidenceBin(*part) for part in bins], width, height)
    assert len(rows) == height
    assert all(sum(len(span.text) for span in row) == width for row in rows)
