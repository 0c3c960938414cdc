import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots import Bar, bar_chart, meter, plain_text

NUMBERS = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 1e-5, 1.0, 1e308, 5e-324]))
BARS = st.lists(
    st.builds(Bar, st.text(max_size=12), NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "V", "α"]), st.just("train")),
    max_size=12,
)


def bar(label: str, value: float, flag: str = "") -> Bar:
    return Bar(label, value, value, value, flag, "train")


@given(
    BARS,
    st.integers(0, 70),
    st.integers(0, 14),
    st.sampled_from(["linear", "log"]),
    st.sampled_from(["braille", "block", "ascii"]),
    st.none() | st.tuples(NUMBERS, NUMBERS),
)
def test_any_input_at_any_size(bars, width, height, scale, glyphs, x_range) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = bar_chart(bars, width, height, scale=scale, glyphs=glyphs, x_range=x_range)
    assert [sum(len(span.text) for span in row) for row in rows] == [width] * height
    assert glyphs != "ascii" or plain_text(rows).isascii()


@given(st.floats(1e-6, 1))
def test_length_is_proportional_to_the_logarithm(value: float) -> None:
    text = plain_text(bar_chart([bar("w", value)], 76, 1, x_range=(1e-6, 1)))
    drawn = text[4:-8].rstrip()
    eighths = sum(" ▏▎▍▌▋▊▉█".index(character) for character in drawn)
    assert eighths / 8 / 64 == pytest.approx((math.log10(value) + 6) / 6, abs=1 / 8 / 64)


def test_names_instead_of_bars() -> None:
    text = plain_text(bar_chart([bar("a", float("nan")), bar("b", float("-inf")), bar("c", 0.0)], 30, 3))
    assert [line.split() for line in text.split("\n")] == [["a", "nan"], ["b", "-inf"], ["c", "0"]]


def test_the_middle_is_left_out() -> None:
    lines = plain_text(bar_chart([bar(f"layer{n}", 10.0**-n) for n in range(9)], 40, 5)).split("\n")
    assert [line.split()[0] for line in lines] == ["layer0", "layer1", "⋮", "layer7", "layer8"]
    assert lines[2].strip() == "⋮ 5 more"
    assert plain_text(bar_chart([bar("a", 1), bar("b", 1)], 30, 1)).startswith("a")


def test_the_least_value_has_a_bar() -> None:
    lines = plain_text(bar_chart([bar("a", 1e-3), bar("b", 1e-1)], 40, 2)).split("\n")
    assert all("█" in line for line in lines)


def test_bars_stay_while_a_value_moves_within_its_decade() -> None:
    def first_row(other: float) -> str:
        return plain_text(bar_chart([bar("a", 1e-3), bar("b", other)], 40, 3)).split("\n")[0]

    assert first_row(0.011) == first_row(0.09)


def test_as_text() -> None:
    bars = [Bar("0.weight", 1e-3, 1e-4, 1e-2, "V", "train"), Bar("3.weight", 1e-1, 1e-1, 1e-1, "", "train")]
    assert plain_text(bar_chart(bars, 51, 3, x_range=(1e-5, 1))) == "\n".join(EXAMPLE)
    assert plain_text(bar_chart(bars, 51, 3, x_range=(1e-5, 1), glyphs="ascii")) == "\n".join(ASCII_EXAMPLE)


@given(NUMBERS, st.integers(-1, 30), st.sampled_from(["braille", "block", "ascii"]))
def test_a_meter_is_exact(value: float, width: int, glyphs) -> None:
    assert len(meter(value, width, glyphs)) == max(width, 0)


def test_meters() -> None:
    assert [meter(value, 4) for value in (0, 0.25, 0.53, 1, 2, -1, float("nan"))] == [
        "    ",
        "█   ",
        "██▏ ",
        "████",
        "████",
        "    ",
        "    ",
    ]
    assert meter(0.5, 4, "ascii") == "##  "


EXAMPLE = [
    "0.weight V ██████▒▒▒▒▒▒▊─────┤              0.00100",
    "3.weight   █████████████████████████▋         0.100",
    "                 ╵1e-4        ╵0.01      1╵        ",
]
ASCII_EXAMPLE = [
    "0.weight V ######=======-----|              0.00100",
    "3.weight   ##########################         0.100",
    "                 '1e-4        '0.01      1'        ",
]
