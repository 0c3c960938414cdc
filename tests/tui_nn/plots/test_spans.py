import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots.spans import Span, fit, one_cell, plain_text, rows_from, shorten, whole_words


def grid(*lines: str) -> np.ndarray:
    return np.array([[ord(character) for character in line] for line in lines], dtype=np.uint32)


@given(st.lists(st.text("ab ", max_size=5)), st.integers(-1, 20))
def test_fit_is_exact_and_keeps_the_beginning(texts: list[str], width: int) -> None:
    row = fit(tuple(Span(text) for text in texts), width)
    text = plain_text([row])
    assert len(text) == max(width, 0)
    assert text.rstrip() == "".join(texts)[: max(width, 0)].rstrip()


def test_fit_pads_in_the_role_of_the_last_span() -> None:
    assert fit((Span("ab", "train"),), 4) == (Span("ab  ", "train"),)
    assert fit((), 2) == (Span("  "),)


def test_blanks_take_the_role_on_their_left() -> None:
    rows = rows_from(grid(" a b  c"), np.array([[0, 1, 0, 1, 0, 0, 2]]), ["", "train", "axis"])
    assert rows == [(Span(" a b  ", "train"), Span("c", "axis"))]


def test_a_blank_row_is_one_span() -> None:
    assert rows_from(grid("   "), np.array([[0, 1, 0]]), ["", "train"]) == [(Span("   ", ""),)]


def test_sizes_of_nothing() -> None:
    assert rows_from(np.zeros((2, 0), dtype=np.uint32), np.zeros((2, 0), dtype=np.int64), [""]) == [(), ()]
    assert rows_from(np.zeros((0, 3), dtype=np.uint32), np.zeros((0, 3), dtype=np.int64), [""]) == []


def test_text_of_one_cell_a_character() -> None:
    assert one_cell("loss α\t漢e\u0301", "braille") == "loss α??e?"
    assert one_cell("loss α", "ascii") == "loss ?"
    assert shorten("validation", 6, "braille") == "valid…"
    assert shorten("validation", 6, "ascii") == "valid~"
    assert shorten("ab", 4, "ascii") == "ab  "
    assert shorten("ab", 0, "ascii") == ""


@given(st.text(st.sampled_from("ab ,"), max_size=30), st.integers(-1, 30))
def test_words_are_whole_or_not_there(text: str, width: int):
    found = whole_words(text, width)
    assert len(found) <= max(width, 0)
    assert text.startswith(found)
    assert found == text or not found or not text[len(found)].isalpha()
    ends = [end for end in range(max(width, 0) + 1) if end >= len(text) or text[end] == " "]
    assert len(found) >= max((len(text[:end].rstrip(" ,")) for end in ends), default=0)
