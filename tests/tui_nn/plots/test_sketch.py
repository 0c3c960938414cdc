import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui_nn.plots import Pen, Span, image, plain_text, sketch
from tui_nn.plots.image import LEVELS

GLYPHS = ["braille", "block", "ascii"]

sizes = st.tuples(st.integers(1, 12).map(lambda rows: 2 * rows), st.integers(1, 30))
pictures = sizes.flatmap(lambda size: npst.arrays(np.float64, size, elements=st.floats(0, 1)))


def background(role: str) -> str:
    return role.partition(" on ")[2]


@given(pictures, st.sampled_from(GLYPHS), st.booleans(), st.data())
def test_it_has_the_size_of_its_pixels_whatever_lies_over_them(pixels: np.ndarray, glyphs, shaded: bool, data) -> None:
    height, width = pixels.shape
    pen = data.draw(st.builds(Pen, st.integers(0, width - 1), st.integers(0, height - 1), st.booleans()) | st.none())
    cuts = data.draw(st.lists(st.integers(-3, width + 3), max_size=3))
    rows = sketch(pixels, glyphs=glyphs, shaded=shaded, pen=pen, cuts=cuts, words=("some words", "a"))
    assert [sum(len(span.text) for span in row) for row in rows] == [width] * (height // 2)
    assert glyphs != "ascii" or plain_text(rows).isascii()
    if shaded and glyphs != "ascii":
        assert {background(span.role) for row in rows for span in row} <= {f"ink-{level}" for level in range(LEVELS)}


@given(pictures)
def test_with_nothing_over_it_it_is_the_picture(pixels: np.ndarray) -> None:
    assert sketch(pixels) == image(pixels, greys=True)
    for glyphs in GLYPHS:
        assert plain_text(sketch(pixels, glyphs=glyphs, shaded=False)) == plain_text(image(pixels, glyphs=glyphs))


def test_the_pen_is_in_its_half_of_the_cell_and_the_other_half_stays() -> None:
    pixels = np.zeros((2, 3))
    pixels[1] = 1
    assert sketch(pixels, pen=Pen(1, 0, False))[0][1] == Span("▀", "selected on ink-7")
    assert sketch(pixels, pen=Pen(1, 1, False))[0][1] == Span("▄", "selected on ink-0")


@pytest.mark.parametrize("glyphs", GLYPHS)
def test_without_shades_the_pen_is_a_sign_that_says_whether_it_is_down(glyphs) -> None:
    up, down = (plain_text(sketch(np.zeros((4, 3)), glyphs=glyphs, shaded=False, pen=Pen(1, 2, d))) for d in (0, 1))
    assert up.strip() != down.strip()
    assert up.split("\n")[0].strip() == ""
    assert len(up.strip()) == len(down.strip()) == 1


@pytest.mark.parametrize(
    ("glyphs", "shaded"), [("braille", True), ("braille", False), ("block", True), ("ascii", False)]
)
def test_a_cut_is_where_no_ink_is(glyphs, shaded: bool) -> None:
    pixels = np.zeros((8, 5))
    pixels[2:4, 2] = 1
    line = {"braille": "┊", "block": "│", "ascii": ":"}[glyphs]
    text = plain_text(sketch(pixels, glyphs=glyphs, shaded=shaded, cuts=(2, 9))).split("\n")
    assert [row[2] == line for row in text] == [True, False, True, True]
    assert line not in "".join(row[:2] + row[3:] for row in text)
