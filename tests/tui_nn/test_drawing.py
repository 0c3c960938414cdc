from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.digits.parts import label_parts
from tui_nn.drawing import Drawing, Picture

Act = Callable[[Drawing], object]

SIDE = 56
RADIUS = 0.06

coordinates = st.floats(-0.2, 1.2)
points = st.tuples(coordinates, coordinates)


def stroke(path: list[tuple[float, float]], radius: float, erases: bool) -> list[Act]:
    """The calls of one stroke."""
    (x, y), *rest = path
    begin: list[Act] = [lambda drawing: drawing.press(x, y, radius, erases=erases)]
    return [*begin, *[lambda drawing, to=to: drawing.move(*to) for to in rest], Drawing.lift]


strokes = st.builds(stroke, st.lists(points, min_size=1, max_size=4), st.floats(0.01, 0.3), st.booleans())
pictures = st.builds(
    lambda seed, left, top, height: [
        lambda drawing: drawing.place(
            Picture(np.random.default_rng(seed).random((9, 7), np.float32), left, top, height)
        )
    ],
    st.integers(0, 9),
    coordinates,
    coordinates,
    st.floats(0.05, 1.5),
)
acts = st.lists(strokes | pictures | st.just([Drawing.clear]), max_size=6)


def done(acts: list[list[Act]]) -> Drawing:
    drawing = Drawing()
    for act in acts:
        for call in act:
            call(drawing)
    return drawing


def drawn(*path: tuple[float, float], radius: float = RADIUS) -> Drawing:
    return done([stroke(list(path), radius, False)])


@given(acts, st.integers(1, 40), st.integers(1, 60))
def test_the_ink_depends_on_what_was_done_alone_and_not_on_when_it_was_looked_at(
    acts: list[list[Act]], height: int, width: int
):
    watched = Drawing()
    for act in acts:
        for call in act:
            call(watched)
            watched.ink(height, width)
            watched.ink(SIDE, SIDE)
    whole = done(acts)
    np.testing.assert_array_equal(watched.ink(height, width), whole.ink(height, width))
    np.testing.assert_array_equal(watched.ink(SIDE, SIDE), whole.ink(SIDE, SIDE))


@given(acts, strokes | pictures)
def test_undo_brings_back_what_was_there_act_by_act(acts: list[list[Act]], last: list[Act]):
    drawing, before = done(acts), done(acts).ink(SIDE, SIDE).copy()
    for call in last:
        call(drawing)
        drawing.ink(SIDE, SIDE)
    version = drawing.version
    assert drawing.undo()
    assert drawing.version > version
    np.testing.assert_array_equal(drawing.ink(SIDE, SIDE), before)
    while drawing.undo():
        pass
    assert drawing.blank
    assert not drawing.ink(SIDE, SIDE).any()


@given(acts)
def test_another_size_and_back_is_the_same_drawing(acts: list[list[Act]]):
    drawing = done(acts)
    before = drawing.ink(SIDE, SIDE).copy()
    for size in (28, 7, 111, 64, 20):
        assert drawing.ink(size, 2 * size).shape == (size, 2 * size)
    np.testing.assert_array_equal(drawing.ink(SIDE, SIDE), before)


@given(st.lists(points, min_size=1, max_size=6))
def test_the_pen_only_adds_and_the_eraser_only_takes(path: list[tuple[float, float]]):
    drawing = Drawing()
    before = drawing.ink(SIDE, SIDE).copy()
    for erases in (False, True):
        drawing.press(*path[0], RADIUS, erases=erases)
        for point in path[1:]:
            drawing.move(*point)
            now = drawing.ink(SIDE, SIDE).copy()
            assert (now <= before).all() if erases else (now >= before).all()
            before = now
        drawing.lift()


@given(st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)), min_size=1, max_size=6))
def test_however_far_apart_the_points_are_a_stroke_is_one_piece(path: list[tuple[float, float]]):
    assert label_parts(drawn(*path).ink(SIDE, SIDE) > 127).max() == 1


@given(st.lists(points, min_size=1, max_size=6))
def test_an_eraser_that_is_wider_along_the_same_way_leaves_nothing(path: list[tuple[float, float]]):
    drawing = done([stroke(path, RADIUS, False), stroke(path, 2 * RADIUS, True)])
    assert not drawing.ink(SIDE, SIDE).any()


def test_a_dot_is_round_and_has_the_area_of_its_circle():
    ink = drawn((0.5, 0.5), radius=0.25).ink(200, 200) / 255
    assert ink.sum() / 200**2 == pytest.approx(np.pi * 0.25**2, rel=0.01)
    for turned in (ink.T, ink[::-1], ink[:, ::-1]):
        np.testing.assert_array_equal(ink, turned)


def test_a_line_has_the_width_of_its_brush_and_soft_edges():
    ink = drawn((-1.0, 0.5), (2.0, 0.5), radius=0.1).ink(280, 280) / 255
    np.testing.assert_allclose(ink.sum(axis=0), 2 * 0.1 * 280, rtol=0.01)
    column = ink[:, 140]
    assert column.max() == 1
    assert len({level for level in column.tolist() if 0 < level < 1}) >= 4
    assert (np.diff(column[: np.argmax(column)]) >= 0).all()


def test_a_drawing_has_the_same_shape_at_any_size():
    path = [(0.2, 0.2), (0.8, 0.3), (0.4, 0.8)]
    large, small = drawn(*path).ink(280, 280), drawn(*path).ink(28, 28)
    means = large.reshape(28, 10, 28, 10).mean(axis=(1, 3))
    assert np.abs(means - small).sum() < 0.08 * small.sum()


def test_clearing_can_be_undone_and_what_is_blank_stays_so():
    drawing = drawn((0.3, 0.3), (0.7, 0.7))
    before = drawing.ink(SIDE, SIDE).copy()
    drawing.clear()
    assert drawing.blank
    assert not drawing.ink(SIDE, SIDE).any()
    version = drawing.version
    drawing.clear()
    assert drawing.version == version
    drawing.undo()
    np.testing.assert_array_equal(drawing.ink(SIDE, SIDE), before)


def test_moves_without_a_stroke_draw_nothing():
    drawing = Drawing()
    drawing.move(0.5, 0.5)
    drawing.lift()
    assert (drawing.version, drawing.blank, drawing.undo()) == (0, True, False)
    drawing.press(0.1, 0.5, RADIUS)
    drawing.clear()
    drawing.move(0.9, 0.5)
    assert not drawing.ink(SIDE, SIDE).any()


def test_a_picture_is_placed_where_it_should_be_in_any_size():
    drawing = drawn((0.5, 0.5))
    drawing.place(Picture(np.ones((10, 5), np.float32), 0.25, 0.1, 0.8))
    assert drawing.pictured
    for height in (20, 40, 100):
        rows, columns = np.nonzero(drawing.ink(height, 2 * height))
        assert (rows.min(), rows.max() + 1) == (0.1 * height, 0.9 * height)
        assert (columns.min(), columns.max() + 1) == (0.25 * height, 0.65 * height)
    drawing.press(0.5, 0.5, RADIUS)
    assert not drawing.pictured


def test_what_the_eye_sees_is_a_line_of_a_thousand_points_drawn_once():
    """A stroke is followed point by point: a redraw from its beginning at every move would be felt."""
    drawing = Drawing()
    drawing.press(0, 0, RADIUS)
    touched = 0
    for n in range(1000):
        drawing.move(n / 1000, 0.5)
        drawing.ink(SIDE, SIDE)
        (raster,) = drawing._rasters.values()
        touched += raster._point == n + 2
    assert touched == 1000
