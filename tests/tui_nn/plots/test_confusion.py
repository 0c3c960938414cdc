import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots import confusion_cells, confusion_plot, plain_text

MATRIX = np.array([[98, 1, 0], [2, 90, 7], [0, 0, 50]])
NAMES = ("zero", "one", "two")


def test_rows_are_classes_and_columns_what_they_are_taken_for():
    text = plain_text(confusion_plot(MATRIX, NAMES, 40, 4, glyphs="ascii", shaded=False)).splitlines()
    # Of the errors of zero all are at one; of one's nine two are at zero, seven at two: more than three tenths.
    assert [line.split() for line in text] == [
        ["zero", "one", "two"],
        ["zero", "98", "1#", "."],
        ["one", "2+", "90", "7#"],
        ["two", ".", ".", "50"],
    ]


def test_colours_are_shares_of_a_rows_errors_and_the_diagonal_is_apart():
    rows = confusion_plot(MATRIX, NAMES, 40, 4)
    roles = [[span.role.partition(" on ")[2] for span in row[1:]] for row in rows[1:]]
    assert roles == [["zero", "errors-3", "zero"], ["errors-2", "zero", "errors-3"], ["zero", "zero", "zero"]]
    assert rows[2][2].role == "good on zero"


def test_a_pointer_stands_before_the_number_at_the_cursor():
    rows = confusion_plot(MATRIX, NAMES, 40, 4, cursor=(1, 2))
    assert rows[2][3].text.strip() == "▸7"
    assert rows[2][3].role == "ground on selected"
    assert rows[2][0].role == rows[0][3].role == "selected"
    assert ">7#" in plain_text(confusion_plot(MATRIX, NAMES, 40, 4, cursor=(1, 2), glyphs="ascii", shaded=False))


@given(
    st.integers(1, 40),
    st.integers(0, 120),
    st.integers(0, 60),
    st.integers(0, 10**6),
    st.data(),
)
def test_each_place_of_a_cell_is_found_and_the_cursor_is_in_view(
    classes: int, width: int, height: int, most: int, data: st.DataObject
):
    matrix = np.full((classes, classes), most)
    names = [f"class {n}" for n in range(classes)]
    cursor = (data.draw(st.integers(0, classes - 1)), data.draw(st.integers(0, classes - 1)))
    cells = confusion_cells(matrix, names, width, height, cursor)
    rows = confusion_plot(matrix, names, width, height, cursor=cursor)
    assert len(rows) <= height
    if cells is None:
        assert rows == []
        return
    lines = plain_text(rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= width
    found = {cells.at(x, y) for y in range(height) for x in range(width)} - {None}
    assert len(found) == cells.rows * cells.columns
    assert cursor in found
    ((x, y),) = [(line.index("▸"), y) for y, line in enumerate(lines) if "▸" in line]
    assert cells.at(x, y) == cursor


@pytest.mark.parametrize("cursor", [None, (0, 0)])
def test_no_class_is_nothing(cursor: tuple[int, int] | None):
    assert confusion_plot(np.zeros((0, 0), int), (), 40, 10, cursor=cursor) == []
