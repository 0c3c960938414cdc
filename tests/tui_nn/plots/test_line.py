import re
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui_nn import plots
from tui_nn.plots import Curve, Mark, Row, plain_text


def line_plot(curves: list[Curve], width: int, height: int, **options: Any) -> list[Row]:
    return plots.line_plot(curves, width, height, **options).rows


ROUGH = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.0, -1.0, 1e308, -1e308, 5e-324]),
)


@st.composite
def rough_curves(draw: st.DrawFn) -> Curve:
    count = draw(st.integers(0, 30))
    arrays = [draw(npst.arrays(np.float64, count, elements=ROUGH)) for _ in range(3)]
    x = draw(st.sampled_from([np.arange(count, dtype=np.float64), np.full(count, 7.0), np.sort(arrays[0])]))
    banded = draw(st.booleans())
    return Curve(x, arrays[0], "train", "loss α", *(arrays[1:] if banded else ()))


def inside(rows: list[Row]) -> list[str]:
    """The text right of the y axis, without the legend and the x axis."""
    return [re.split("[│┤]", line, maxsplit=1)[1] for line in plain_text(rows).split("\n")[1:-2]]


@given(
    st.lists(rough_curves(), max_size=3),
    st.integers(0, 70),
    st.integers(0, 16),
    st.sampled_from(["linear", "log"]),
    st.sampled_from(["braille", "block", "ascii"]),
    st.lists(st.builds(Mark, ROUGH, st.sampled_from(["epoch", "change"])), max_size=5),
    st.none() | st.tuples(ROUGH, ROUGH),
    st.none() | st.tuples(ROUGH, ROUGH),
)
def test_any_input_at_any_size(curves, width, height, scale, glyphs, marks, x_range, y_range) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = line_plot(
            curves, width, height, scale=scale, glyphs=glyphs, marks=marks, x_range=x_range, y_range=y_range
        )
    assert [sum(len(span.text) for span in row) for row in rows] == [width] * height
    assert glyphs != "ascii" or plain_text(rows).isascii()


@given(st.integers(0, 49_999), st.sampled_from(["braille", "block", "ascii"]))
def test_one_spike_among_many_points_is_seen(index: int, glyphs) -> None:
    y = np.full(50_000, 0.1)
    y[index] = 9.9
    x = np.arange(50_000.0)
    for curve in (Curve(x, y, "train", ""), Curve(x, np.full(50_000, 0.1), "train", "", np.full(50_000, 0.1), y)):
        text = plain_text(line_plot([curve], 60, 12, glyphs=glyphs, y_range=(0, 10))).split("\n")
        assert text[1][5:].strip()


@given(npst.arrays(np.float64, st.integers(2, 200), elements=st.floats(0.01, 100)), st.integers(8, 30))
def test_the_greatest_value_is_in_the_upper_half(y: np.ndarray, height: int) -> None:
    assume(y.max() > y.min() * (1 + 1e-6))
    plot = inside(line_plot([Curve(np.arange(y.size), y, "train", "")], 60, height))
    assert any(line.strip() for line in plot[: (len(plot) + 1) // 2])


@given(st.integers(4, 30), st.floats(1e-6, 1e6), st.floats(0, 1e6), st.sampled_from(["linear", "log"]))
def test_two_labels_from_four_rows_on(height: int, low: float, span: float, scale) -> None:
    y = np.array([low, low + span])
    for y_range in (None, (low, low + span)):
        rows = line_plot([Curve(np.arange(2.0), y, "train", "")], 60, height, scale=scale, y_range=y_range)
        assert plain_text(rows).count("┤") >= 2


@pytest.mark.parametrize("glyphs", ["braille", "block"])
@given(npst.arrays(np.float64, st.integers(2, 120), elements=st.floats(-5, 5)))
def test_a_line_is_continuous(glyphs, y: np.ndarray) -> None:
    rows = line_plot([Curve(np.arange(y.size), y, "train", "")], 45, 9, glyphs=glyphs, x_range=(0, y.size - 1))
    plot = inside(rows)
    assert all(any(line[column] != " " for line in plot) for column in range(len(plot[0])))


def test_what_is_past_stays_while_the_run_grows() -> None:
    x = np.arange(3000.0)
    y = 2 * np.exp(-x / 800) + 0.1 * np.sin(x / 7) + 0.2
    frames = [plain_text(line_plot([Curve(x[:n], y[:n], "train", "")], 60, 12)) for n in range(2210, 2490, 20)]
    plots = [[line[:50] for line in frame.split("\n")[1:]] for frame in frames]
    assert all(plot == plots[0] for plot in plots)


def test_the_range_is_dimmer_and_leaves_the_line_alone() -> None:
    x = np.arange(500.0)
    mean = np.full(500, 1.0)
    alone = line_plot([Curve(x, mean, "train", "train")], 40, 9, y_range=(0, 2))
    spread = line_plot([Curve(x, mean, "train", "train", mean - 0.6, mean + 0.6)], 40, 9, y_range=(0, 2))
    line = [span for row in alone[1:-2] for span in row if span.role == "train"]
    assert [span for row in spread[1:-2] for span in row if span.role == "train"] == line
    assert sum(span.role == "train-range" for row in spread for span in row) >= 3


def test_the_later_curve_wins_a_shared_cell() -> None:
    x, y = np.arange(100.0), np.ones(100)
    curves = [Curve(x, y, "train", ""), Curve(x, y, "validation", "")]
    roles = {span.role for row in line_plot(curves, 40, 9, y_range=(0, 2))[1:-2] for span in row}
    assert roles == {"muted", "axis", "validation"}


def test_a_log_axis_shows_equal_factors_as_equal_heights() -> None:
    x = np.arange(5.0)
    y = np.array([1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    text = plain_text(line_plot([Curve(x, y, "train", "")], 9, 11, scale="log", glyphs="ascii", y_range=(1e-4, 1)))
    rows = [next(i for i, line in enumerate(text.split("\n")[1:-2]) if line[c] == "*") for c in (-1, -2, -3, -4)]
    assert len(set(np.diff(rows))) <= 2
    skipped = Curve(np.arange(7.0), np.array([0, -1, 1, 1, 1, 1, 1.0]), "train", "")
    assert "*" in plain_text(line_plot([skipped], 30, 9, scale="log", glyphs="ascii"))


@pytest.mark.parametrize(("height", "axes"), [(1, "│┤"), (2, "│┤"), (3, "│┤"), (4, "│┤└"), (8, "│┤└")])
def test_small_heights_lose_the_x_axis_first(height: int, axes: str) -> None:
    text = plain_text(line_plot([Curve(np.arange(9.0), np.arange(9.0), "train", "")], 40, height))
    assert set(text) & set("│┤└") <= set(axes)
    assert ("└" in text) == ("└" in axes)


def test_a_log_axis_takes_zero_for_a_gap() -> None:
    x, y = np.arange(9.0), np.array([1.0, 2, 3, 0, 3, 2, -1, 1, 1])
    gaps = Curve(x, np.where(y > 0, y, np.nan), "train", "")
    zero, missing = (plain_text(line_plot([c], 40, 9, scale="log")) for c in (gaps._replace(y=y), gaps))
    assert zero == missing.replace("×", "─")


def test_infinity_does_not_move_the_axis() -> None:
    x, y = np.arange(9.0), np.linspace(0.3, 4.2, 9)
    infinite = np.where(x == 4, np.inf, y)
    axes = [
        [line[:5] for line in plain_text(line_plot([Curve(x, v, "", "")], 40, 9)).split("\n")] for v in (y, infinite)
    ]
    assert axes[0] == axes[1]


def test_as_text_in_braille() -> None:
    x = np.arange(101.0)
    rows = line_plot([Curve(x, x / 100, "train", "train")], 30, 9, marks=[Mark(50, "change")])
    assert plain_text(rows) == "\n".join(EXAMPLE)


def test_as_text_in_ascii() -> None:
    x = np.arange(101.0)
    curves = [Curve(x, x / 100, "train", "train"), Curve(x, 1 - x / 100, "validation", "valid")]
    rows = line_plot(curves, 40, 9, glyphs="ascii", marks=[Mark(float(n), "epoch") for n in (25, 50, 75)])
    assert plain_text(rows) == "\n".join(ASCII_EXAMPLE)


EXAMPLE = [
    "                 ━ train  1.00",
    " 1.0┤            ┊        ⣀⡤⠖⠋",
    "    │            ┊   ⢀⣠⠤⠒⠉    ",
    " 0.5┤            ⢀⡠⠔⠚⠉        ",
    "    │        ⣀⡤⠔⠊⠁            ",
    "    │    ⣀⠤⠒⠋⠁   ┊            ",
    "   0┤⣠⠴⠚⠉        ┊            ",
    "    └┬───────────▲───────────┬",
    "step 0           50        100",
]
ASCII_EXAMPLE = [
    "            * train  1.00  o valid  0.00",
    " 1.0+oooo                           ****",
    "    |   oooooooo             ********   ",
    "    |           ooooooo******           ",
    " 0.5+          *******oooooooo          ",
    "    |    *******             ooooooo    ",
    "   0+****                           oooo",
    "    ++-------'--------+--------'-------+",
    "step 0                50             100",
]
