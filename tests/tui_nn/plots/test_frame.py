from typing import Any

import numpy as np
import pytest

from tui_nn import plots
from tui_nn.plots import Curve, Mark, Row, plain_text


def line_plot(curves: list[Curve], width: int, height: int, **options: Any) -> list[Row]:
    return plots.line_plot(curves, width, height, **options).rows


STEPS = np.arange(1001.0)
LINE = Curve(STEPS, STEPS / 1000, "train", "train")


def row_with(text: list[str], *characters: str) -> str:
    return next(line for line in text if all(character in line for character in characters))


@pytest.mark.parametrize("count", [1, 2, 7, 40, 300, 5000])
@pytest.mark.parametrize("width", [30, 56, 100])
def test_epochs_stay_three_cells_apart(count: int, width: int) -> None:
    marks = [Mark(1000 * (index + 1) / count, "epoch") for index in range(count)]
    text = plain_text(line_plot([LINE], width, 11, marks=marks)).split("\n")
    columns = [index for index, character in enumerate(row_with(text, "└")) if character in "┴┼"]
    assert columns
    gaps = np.diff(columns)
    assert min(gaps, default=3) >= 3
    assert max(gaps, default=3) - min(gaps, default=3) <= 1


def test_uneven_epochs_stay_apart_too() -> None:
    marks = [Mark(x, "epoch") for x in (100, 101, 140, 160, 900)]
    text = plain_text(line_plot([LINE], 56, 11, marks=marks)).split("\n")
    columns = [index for index, character in enumerate(row_with(text, "└")) if character in "┴┼"]
    assert min(np.diff(columns)) >= 3


def test_a_change_is_a_triangle_below_a_dotted_line() -> None:
    rows = line_plot([LINE], 40, 8, marks=[Mark(500, "change")])
    text = plain_text(rows).split("\n")
    column = text[6].index("▲")
    assert sum(line[column] == "┊" for line in text) >= 3
    assert {span.role for row in rows for span in row if "▲" in span.text or "┊" in span.text} == {"change"}


def test_data_cover_the_line_of_a_change() -> None:
    flat = Curve(STEPS, np.full(1001, 0.5), "train", "train")
    plain = plain_text(line_plot([flat], 40, 8))
    marked = plain_text(line_plot([flat], 40, 8, marks=[Mark(500, "change")]))
    assert [a for a, b in zip(plain, marked, strict=True) if a != b and a not in " ─┬"] == []


def test_marks_out_of_view_are_not_drawn() -> None:
    marks = [Mark(x, kind) for x in (-5, 2000, float("nan"), float("inf")) for kind in ("epoch", "change")]  # type: ignore[arg-type]
    assert line_plot([LINE], 40, 8, marks=marks) == line_plot([LINE], 40, 8)


def test_the_legend_gives_way_to_data_on_a_small_plot() -> None:
    high = Curve(STEPS, np.ones(1001), "train", "train")
    assert "1.00" not in plain_text(line_plot([high], 40, 6, y_range=(0, 1)))
    assert "train  1.00" in plain_text(line_plot([high], 40, 7, y_range=(0, 1)))
    assert "train  1.00" in plain_text(line_plot([high], 40, 6, y_range=(0, 2)))


def test_values_alone_where_labels_do_not_fit() -> None:
    top = plain_text(line_plot([LINE, LINE._replace(label="validation")], 26, 8)).split("\n")[0]
    assert top == "━  1.00  ━  1.00".rjust(26)


def test_labels_are_aligned_and_the_axis_is_continuous() -> None:
    text = plain_text(line_plot([LINE], 40, 11)).split("\n")
    assert {line[5] for line in text[1:9]} <= {"│", "┤"}
    assert text[9].startswith("     └")
    assert text[10].startswith(" step 0")
