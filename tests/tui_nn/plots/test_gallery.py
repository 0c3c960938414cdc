import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots import gallery, gallery_room, plain_text
from tui_nn.plots.gallery import SIDE, _shares, _size, _within

shapes = st.tuples(st.integers(1, 200), st.integers(1, 200))


@given(st.lists(shapes, min_size=1, max_size=6), st.integers(0, 150), st.integers(0, 60), st.booleans())
def test_all_have_room_or_none_is_shown(shapes: list[tuple[int, int]], width: int, height: int, shaded: bool) -> None:
    pictures = [(f"{place} name", np.ones(shape)) for place, shape in enumerate(shapes)]
    rows = gallery(pictures, width, height, shaded=shaded)
    assert len(rows) <= height
    assert all(sum(len(span.text) for span in row) <= width + 2 for row in rows)
    text = plain_text(rows)
    assert not rows or all(f"{place} n" in text for place in range(len(pictures)))


@given(st.integers(0, 150), st.integers(0, 60), st.sampled_from([6, 14, 28]))
def test_as_many_have_room_as_are_counted_and_no_more(width: int, height: int, side: int) -> None:
    count = gallery_room(side, width, height)
    assert count == 0 or _size(count, width, height, named=True)[0] >= side
    assert _size(count + 1, width, height, named=True)[0] < side


@pytest.mark.parametrize(
    ("width", "height", "side", "across"), [(118, 35, 28, 4), (58, 35, 28, 2), (28, 70, 28, 1), (58, 15, 13, 4)]
)
def test_pictures_are_as_large_as_they_can_be(width: int, height: int, side: int, across: int) -> None:
    pictures = [("name", np.ones((56, 56)))] * 4
    rows = plain_text(gallery(pictures, width, height, shaded=False)).split("\n")
    first = rows[0].split()
    assert len(first) == across
    assert len(first[0]) == side // 2 * 2


@given(shapes, st.integers(6, SIDE))
def test_a_smaller_picture_has_the_same_mean_and_shape(shape: tuple[int, int], side: int) -> None:
    picture = np.random.default_rng(0).random(shape)
    small = _within(picture, side)
    assert max(small.shape) == min(max(shape), side)
    assert small.mean() == pytest.approx(picture.mean())
    if max(shape) <= side:
        np.testing.assert_array_equal(small, picture)


def test_each_pixel_is_the_mean_of_what_it_covers() -> None:
    np.testing.assert_allclose(_shares(4, 2), [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    np.testing.assert_allclose(_shares(3, 2), [[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]])


def test_paper_ends_where_the_picture_ends() -> None:
    rows = gallery([("a", np.zeros((28, 10))), ("b", np.zeros((28, 28)))], 58, 15)
    first = [(span.text, span.role) for span in rows[0]]
    assert first[0] == (" " * 10, "ink-0 on ink-0")
    assert first[1][0] == " " * 20
    assert " on " not in first[1][1]
