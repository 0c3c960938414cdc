import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots.canvas import Canvas, repeat
from tui_nn.plots.spans import Span, plain_text


@given(st.integers(-1, 6), st.integers(-1, 4), st.integers(-3, 8), st.integers(-8, 8))
def test_writing_anywhere_keeps_the_size(width: int, height: int, row: int, column: int) -> None:
    canvas = Canvas(width, height)
    canvas.write(row, column, "abc", "train")
    assert [len(plain_text([row])) for row in canvas.rows()] == [max(width, 0)] * max(height, 0)


def test_text_is_cut_on_both_sides() -> None:
    canvas = Canvas(3, 1)
    canvas.write(0, -1, "abcdef")
    assert plain_text(canvas.rows()) == "bcd"


def test_blanks_of_a_painting_are_transparent() -> None:
    canvas = Canvas(3, 1)
    canvas.write(0, 0, "abc", "train")
    canvas.paint(0, 0, repeat("x", np.array([[False, True, False]])), "change")
    assert canvas.rows() == [(Span("a", "train"), Span("x", "change"), Span("c", "train"))]


def test_blanks_beside_a_background_are_not_on_it():
    canvas = Canvas(5, 2)
    canvas.write(0, 2, "-", "ground on bar")
    assert [[(span.text, span.role) for span in row] for row in canvas.rows()] == [
        [("  ", ""), ("-", "ground on bar"), ("  ", "")],
        [("     ", "")],
    ]
