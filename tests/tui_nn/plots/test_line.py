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
    assert missing.count("×") == 2
    assert all(a == b or b == "×" for a, b in zip(zero, missing, strict=True))


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


@pytest.mark.parametrize("glyphs", ["braille", "block", "ascii"])
@given(st.integers(0, 100), st.sampled_from(["linear", "log"]))
def test_the_cursor_tells_what_its_column_shows(glyphs, step: int, scale) -> None:
    x = np.arange(101.0)
    y = 1 + x / 100
    curve = Curve(x, y, "train", "train", y - 0.5, y + 0.5)
    picture = plots.line_plot([curve], 60, 12, scale=scale, glyphs=glyphs, cursor=float(step))
    legend, axis, labels = (plain_text(picture.rows).split("\n")[row] for row in (0, -2, -1))
    value, low, high = map(float, re.findall(r"[\d.]+", legend)[-3:])
    assert picture.area is not None
    assert value == pytest.approx(1 + step / 100, abs=0.011)
    assert (low, high) == pytest.approx((value - 0.5, value + 0.5), abs=0.02)
    assert f" {step}" in labels
    column = next(
        iter([i for i, c in enumerate(axis) if i > picture.area.left and c == ("|" if glyphs == "ascii" else "│")]),
        None,
    )
    at_left = axis[picture.area.left] in "│|"
    assert at_left or column is not None
    cell = picture.area.left if at_left else column
    assert picture.area.at(cell) == pytest.approx(step, abs=picture.area.step)
    drawn = {span.role for row in picture.rows[1:-2] for span in row}
    assert "cursor" in drawn


def test_a_cursor_out_of_view_is_not_drawn() -> None:
    curve = Curve(np.arange(101.0), np.arange(101.0), "train", "train")
    assert line_plot([curve], 60, 12, x_range=(0, 50), cursor=80.0) == line_plot([curve], 60, 12, x_range=(0, 50))


def test_what_stands_behind_gives_way_to_lines() -> None:
    x, y = np.arange(101.0), np.full(101, 0.5)
    front = Curve(x, y, "train", "train")
    behind = [Curve(x, y, "train-range", "", layer="raw"), Curve(x, y, "previous", "before", layer="before")]
    rows = line_plot([*behind, front], 40, 9, y_range=(0, 1))
    alone = line_plot([front], 40, 9, y_range=(0, 1))
    assert rows[1:] == alone[1:]
    assert plain_text(rows[:1]).split() == ["━", "train", "0.500", "╍", "before", "0.500"]


def test_a_run_before_that_diverged_does_not_press_the_present_one_flat() -> None:
    x = np.arange(101.0)
    now, diverged = Curve(x, 2 - x / 100, "train", ""), Curve(x, 10.0 ** (x / 4), "previous", "", layer="before")
    for scale in ("linear", "log"):
        rows = line_plot([diverged, now], 60, 20, scale=scale)[1:-2]
        there = [index for index, row in enumerate(rows) if any(span.role == "train" for span in row)]
        assert len(there) >= 4


def test_single_batches_without_a_loss_do_not_press_a_log_axis_flat() -> None:
    x = np.arange(101.0)
    mean = 2 * 0.97**x
    low = np.where(x % 10 == 0, 1e-9, mean / 2)
    rows = line_plot([Curve(x, mean, "train", "", low, mean * 2)], 60, 20, scale="log")[1:-2]
    assert len([row for row in rows if any(span.role == "train" for span in row)]) >= 8


EXAMPLE = [
    "                 ━ train  1.00",
    "  1.0┤            ┊       ⣀⡤⠖⠋",
    "     │            ┊   ⣀⠤⠖⠋    ",
    "  0.5┤            ⣀⠤⠒⠋        ",
    "     │        ⣠⠤⠒⠉┊           ",
    "     │    ⣠⠴⠒⠉    ┊           ",
    "    0┤⣠⠴⠚⠉        ┊           ",
    "     └┬───────────▲──────────┬",
    " step 0           50       100",
]
ASCII_EXAMPLE = [
    "            * train  1.00  o valid  0.00",
    "  1.0+oooo                          ****",
    "     |   oooooooo            ********   ",
    "     |          ooooooo*******          ",
    "  0.5+          *******ooooooo          ",
    "     |    *******            ooooooo    ",
    "    0+****                          oooo",
    "     ++-------'-------+--------'-------+",
    " step 0               50             100",
]
