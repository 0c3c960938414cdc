import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui_nn.plots import Points, Span, Surface, plain_text, surface_grid, surface_plot
from tui_nn.plots.axis import place_ticks, widened
from tui_nn.plots.surface import AROUND, GUTTER, HUES, LEAST_SIGNED, LEVELS, class_signs

NO_POINTS = Points(np.empty(0), np.empty(0), np.empty(0, int), np.empty(0, bool))


def halves(columns: int, rows: int, sureness: float = 1.0) -> Surface:
    """Class 0 at the left, class 1 at the right, over 0..1 by 0..1."""
    classes = np.tile(np.arange(columns) * 2 // columns, (rows, 1))
    return Surface(classes, np.full((rows, columns), sureness), (0.0, 1.0), (0.0, 1.0))


def at(x: float, y: float, label: int, wrong: bool = False) -> Points:
    return Points(np.array([x]), np.array([y]), np.array([label]), np.array([wrong]))


def plot(surface: Surface, points: Points = NO_POINTS, width: int = 10, height: int = 4, **options: Any) -> list[Any]:
    return surface_plot(surface, points, width, height, class_names=("left", "right"), **options)


@given(
    npst.arrays(np.int64, st.tuples(st.integers(0, 9), st.integers(0, 9)), elements=st.integers(0, 30)),
    st.data(),
    st.integers(0, 60),
    st.integers(0, 25),
    st.integers(1, 30),
    st.sampled_from(["braille", "block", "ascii"]),
    st.booleans(),
)
def test_any_surface_in_any_room(
    classes: np.ndarray, data: Any, width: int, height: int, count: int, glyphs: Any, shaded: bool
) -> None:
    sureness = data.draw(npst.arrays(np.float64, classes.shape, elements=st.floats(-1, 2) | st.just(np.nan)))
    places = data.draw(npst.arrays(np.float64, (5, 2), elements=st.floats()))
    limits = data.draw(st.tuples(st.floats(), st.floats()))
    points = Points(places[:, 0], places[:, 1], np.arange(5), np.arange(5) % 2 == 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = surface_plot(
            Surface(classes, sureness, limits, limits[::-1]),
            points,
            width,
            height,
            class_names=tuple(f"class {n}" for n in range(count)),
            glyphs=glyphs,
            shaded=shaded and glyphs != "ascii",
        )
    assert [sum(len(span.text) for span in row) for row in rows] == [width] * height
    assert glyphs != "ascii" or plain_text(rows).isascii()


def test_two_grid_points_a_cell() -> None:
    classes = np.array([[0, 1], [1, 1]])
    (row,) = plot(Surface(classes, np.ones((2, 2)), (0, 1), (0, 1)), width=2, height=1)
    top = LEVELS - 1
    assert row == (Span("▀", f"class-0-{top} on class-1-{top}"), Span("▀", f"class-1-{top} on class-1-{top}"))


def test_the_less_sure_the_darker() -> None:
    sureness = np.array([[0.0, 0.34, 0.67, 1.0, np.nan]] * 2)
    (row,) = plot(Surface(np.zeros((2, 5), int), sureness, (0, 1), (0, 1)), width=5, height=1)
    shades = [span.role.partition(" on ")[0] for span in row]
    assert shades == ["class-0-0", "class-0-2", "class-0-4", "class-0-5", "unknown"]


@pytest.mark.parametrize(("x", "y", "row", "column"), [(0, 1, 0, 0), (1, 1, 0, 9), (0, 0, 3, 0), (0.56, 0.6, 1, 5)])
def test_a_point_stands_where_its_features_say(x: float, y: float, row: int, column: int) -> None:
    rows = plot(halves(10, 8), at(x, y, 1))
    found = [
        (down, sum(len(before.text) for before in spans[:place]))
        for down, spans in enumerate(rows)
        for place, span in enumerate(spans)
        if "class-1" in span.role.split(" on ")
    ]
    assert found == [(row, column)]


def test_a_wrong_point_is_a_cross_on_what_it_is_taken_for() -> None:
    rows = plot(halves(10, 8), at(1, 1, 0, wrong=True))
    assert rows[0][-1] == Span("×", f"wrong-0 on class-1-{LEVELS - 1}")
    assert plain_text(plot(halves(10, 8), at(1, 1, 0))).count("×") == 0


def test_a_cross_stands_on_the_shade_whatever_point_is_below_it() -> None:
    both = Points(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([0, 1]), np.array([True, False]))
    assert plot(halves(10, 8), both)[0][-1] == Span("×", f"wrong-0 on class-1-{LEVELS - 1}")


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e6))
def test_no_label_of_the_axis_is_cut(low: float, size: float) -> None:
    limits = low, low + size
    text = plain_text(plot(halves(80, 40)._replace(y=limits), width=88, height=23)).splitlines()[1:-2]
    whole = {tick.label for tick in place_ticks(widened(*limits), 20, 2, scale="linear", horizontal=False)}
    assert {row[: GUTTER - 1].strip() for row in text} - {""} <= whole


def test_signs_where_there_are_no_shades() -> None:
    text = plain_text(plot(halves(10, 8), at(0, 1, 0), shaded=False)).splitlines()
    assert text[0] == "• l l r r "
    assert text[1] == " l l r r r"
    text = plain_text(plot(halves(10, 8), at(1, 1, 0, wrong=True), shaded=False, glyphs="ascii")).splitlines()
    assert text[0][-1] == "L"
    assert plain_text(plot(halves(10, 8, 0.1), shaded=False)).split() == []


def test_axes_have_the_features_names_and_ticks_in_their_units() -> None:
    surface = halves(80, 40)._replace(x=(0.0, 10.0), y=(40.0, 100.0))
    text = plain_text(plot(surface, width=88, height=23, feature_names=("hours", "marks"))).splitlines()
    assert text[0].startswith("marks ")
    assert all(name in text[0] for name in ("left", "right"))
    assert text[-2].endswith("─ hours")
    assert text[-1].split() == [str(hour) for hour in range(11)]
    assert "100" in text[1][:GUTTER] or "100" in text[2][:GUTTER]
    assert len(text) - AROUND == 20


@given(st.integers(1, 300), st.integers(1, 100))
def test_the_grid_fills_the_plot(width: int, height: int) -> None:
    columns, rows = surface_grid(width, height)
    drawn = plain_text(surface_plot(halves(columns, rows), NO_POINTS, width, height, class_names=("a", "b")))
    signs = 2 if columns >= LEAST_SIGNED else 0
    assert drawn.count("▀") == columns * rows / 2 - signs


def picture(surface: Surface, points: Points = NO_POINTS) -> list[str]:
    """The cells of the surface alone: 40 columns, 10 rows."""
    text = plain_text(plot(surface, points, 40 + GUTTER, 10 + AROUND)).splitlines()
    return [row[GUTTER:] for row in text[1:11]]


def test_every_class_has_its_sign_in_its_midst() -> None:
    surface = halves(40, 20)
    places = {sign: (y, x) for sign in "LR" for y, row in enumerate(picture(surface)) if (x := row.find(sign)) >= 0}
    assert places.keys() == {"L", "R"}
    assert all(3 <= y <= 6 for y, _ in places.values())
    assert 5 < places["L"][1] < 15
    assert 25 < places["R"][1] < 35
    # A sign lies over no point, right or wrong.
    y, x = places["L"]
    for half in (0, 1):
        for wrong in (False, True):
            covered = picture(surface, at(x / 39, 1 - (2 * y + half) / 19, 0, wrong=wrong))
            assert covered[y][x] == ("×" if wrong else "▀")
            assert sum(row.count("L") for row in covered) == 1


@pytest.mark.parametrize(
    ("names", "signs"),
    [
        (("upper", "lower"), "UL"),
        (("arm 1", "arm 2", "arm 3"), "123"),
        (tuple("0123456789"), "0123456789"),
        (("same", "so"), "EO"),
        (("one", "one"), "AB"),
        (("", "x"), "AB"),
        (("ä", "b"), "AB"),
        ((), ""),
    ],
)
def test_signs_tell_classes_apart(names: tuple[str, ...], signs: str) -> None:
    assert class_signs(names) == signs


def test_more_classes_than_hues_begin_anew() -> None:
    classes = np.array([[0, HUES, HUES + 1]] * 2)
    (row,) = plot(Surface(classes, np.ones((2, 3)), (0, 1), (0, 1)), width=3, height=1)
    assert [span.role.split("-")[1] for span in row] == ["0", "1"]


def test_a_surface_of_another_size_is_stretched_until_the_next_comes() -> None:
    assert plot(halves(4, 4), width=8, height=3) == plot(halves(8, 6), width=8, height=3)
