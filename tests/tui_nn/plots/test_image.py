import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui_nn.plots import Span, image, plain_text


@given(
    npst.arrays(np.float64, st.tuples(st.integers(0, 9), st.integers(0, 9)), elements=st.floats()),
    st.sampled_from(["block", "braille", "ascii"]),
)
def test_natural_size_for_any_values(pixels: np.ndarray, glyphs) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = image(pixels, glyphs=glyphs)
    assert [sum(len(span.text) for span in row) for row in rows] == [pixels.shape[1]] * ((pixels.shape[0] + 1) // 2)
    assert glyphs != "ascii" or plain_text(rows).isascii()


def test_two_pixels_a_cell() -> None:
    assert plain_text(image(np.array([[0, 1, 0, 1], [0, 0, 1, 1.0]]))) == " ▀▄█"
    assert plain_text(image(np.array([[1.0, 0], [0, 1], [1, 1]]))) == "▀▄\n▀▀"


def test_greys_are_dim_where_there_is_no_ink() -> None:
    assert image(np.array([[1.0, 0.3, 0.3, 0.1], [0.3, 0.0, 0.3, 0.1]])) == [
        (Span("▀", "ink"), Span("▀█ ", "ink-dim")),
    ]


def test_ascii_shades_by_the_mean() -> None:
    assert plain_text(image(np.array([[0, 1, 1, 0.5], [0, 0, 1, np.nan]]), glyphs="ascii")) == " =@:"


@pytest.mark.parametrize("glyphs", ["block", "ascii"])
def test_a_digit_is_28_by_14(glyphs) -> None:
    rows = image(np.zeros((28, 28)), glyphs=glyphs)
    assert plain_text(rows) == "\n".join([" " * 28] * 14)


def test_each_pixel_has_its_own_grey() -> None:
    assert image(np.array([[1.0, 0.3, 0.05], [0.3, 0.3, 1.0]]), greys=True) == [
        (
            Span("▀", "ink-7 on ink-2"),
            Span("█", "ink-2 on ink-2"),
            Span("▄", "ink-7 on ink-0"),
        ),
    ]


def test_a_copy_of_its_characters_shows_what_stands_on_the_paper() -> None:
    assert plain_text(image(np.array([[0, 1, 0, 1], [0, 0, 1, 1.0]]), greys=True)) == " ▀▄█"


def test_paper_has_its_own_ground_beside_ink() -> None:
    (row,) = image(np.array([[1.0, 0], [0.5, 0]]), greys=True)
    assert row == (Span("▀", "ink-7 on ink-4"), Span(" ", "ink-0 on ink-0"))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_it_is_stretched_to_a_size(rows: int, columns: int, width: int, height: int, greys: bool) -> None:
    pixels = np.zeros((rows, columns))
    pixels[:, columns // 2 :] = 1.0
    found = image(pixels, width, height, greys=greys)
    assert [sum(len(span.text) for span in row) for row in found] == [width] * height
    assert len(set(found)) == 1
    assert image(np.ones((2, 2)), 3, 2) == image(np.ones((4, 3)))
