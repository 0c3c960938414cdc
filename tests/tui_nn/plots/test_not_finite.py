import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots import Curve, line_plot, plain_text

STEPS = np.arange(201.0)


def drawn(y: np.ndarray, glyphs: str = "braille", **options: object) -> list[str]:
    picture = line_plot([Curve(STEPS, y, "train", "")], 60, 12, glyphs=glyphs, **options)  # type: ignore[arg-type]
    return plain_text(picture.rows).split("\n")


@given(st.integers(0, 200), st.sampled_from([(np.inf, 1, "↑inf", "^inf"), (-np.inf, 9, "↓-inf", "v-inf")]))
def test_an_infinity_is_named_where_it_is(step: int, kind: tuple[float, int, str, str]) -> None:
    value, row, word, ascii_word = kind
    y = np.where(step == STEPS, value, np.sin(STEPS / 9))
    line = drawn(y)[row]
    assert word in line
    assert line.index(word) == pytest.approx(min(6 + step / 200 * 53, 60 - len(word)), abs=1)
    assert ascii_word in drawn(y, "ascii")[row]


def test_neighbours_are_named_once_and_the_word_keeps_its_letters() -> None:
    y = np.where((STEPS >= 50) & (STEPS < 60) | (STEPS == 150), np.inf, 1.0)
    assert (drawn(y)[1].count("↑inf"), drawn(y)[1].count("↑")) == (2, 2)


@given(st.integers(1, 199))
def test_a_gap_has_a_cross_on_the_axis(step: int) -> None:
    axis = drawn(np.where(step == STEPS, np.nan, 1.0))[-2]
    assert axis.count("×") == 1
    assert axis.index("×") == pytest.approx(6 + step / 200 * 53, abs=1)
    assert "×" not in drawn(np.ones(201))[-2]


def test_what_never_was_a_number_is_no_gap() -> None:
    assert drawn(np.full(201, np.nan))[-2] == drawn(np.ones(201))[-2]
