import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots import Bar, dot_chart, plain_text

BAND, TARGET = (1e-4, 1e-2), 1e-3
ROUGH = st.one_of(st.floats(), st.sampled_from([0.0, math.nan, math.inf, 1e-300, 1e300]))


def bar(value: float, low: float | None = None, high: float | None = None, label: str = "1 Linear(8)") -> Bar:
    return Bar(label, value, value if low is None else low, value if high is None else high, "", "bar")


@given(
    st.lists(st.builds(bar, ROUGH, ROUGH, ROUGH, st.text(max_size=20)), max_size=6),
    st.integers(-1, 80),
    st.integers(-1, 9),
    st.sampled_from(["braille", "block", "ascii"]),
)
def test_any_values_at_any_size(bars, width, height, glyphs) -> None:
    rows = dot_chart(bars, width, height, band=BAND, target=TARGET, glyphs=glyphs)
    assert len(rows) == max(height, 0)
    assert all(sum(len(span.text) for span in row) in (0, max(width, 0)) for row in rows)
    assert glyphs != "ascii" or plain_text(rows).isascii()


def test_dots_stand_in_order_on_a_log_scale_with_the_band_through_all_rows() -> None:
    values = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    lines = plain_text(
        dot_chart([bar(value) for value in values], 60, 6, band=BAND, target=TARGET, glyphs="ascii")
    ).splitlines()
    places = [line.index("o") for line in lines[:5]]
    steps = [after - before for before, after in pairwise(places)]
    assert max(steps) - min(steps) <= 1
    for line, value in zip(lines, values, strict=False):
        assert line[places[1]] == ("o" if value == 1e-4 else ":")
        assert line[places[2]] == ("o" if value == 1e-3 else "|")
        assert line[places[3]] == ("o" if value == 1e-2 else ":")
    assert "1e-4" in lines[5] or "0.001" in lines[5]


def test_a_range_reaches_from_its_least_to_its_greatest() -> None:
    narrow, wide = (
        plain_text(dot_chart([bar(1e-3, *ends)], 60, 1, band=BAND, target=TARGET, glyphs="ascii")).count("-")
        for ends in ((9e-4, 1.1e-3), (1e-4, 1e-2))
    )
    assert narrow < 2 < 10 < wide


@pytest.mark.parametrize(("value", "name"), [(math.nan, "nan"), (math.inf, "inf"), (0.0, "0")])
def test_what_has_no_place_is_named(value: float, name: str) -> None:
    (row,) = dot_chart([bar(value)], 60, 1, band=BAND, target=TARGET, glyphs="ascii")
    text = plain_text([row])
    assert text.split()[-1] == name
    assert " o " not in text
