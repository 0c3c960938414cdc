import numpy as np
import pytest

from tui_nn.plots.raster import View, cells, dots, trace


def picture(y: list[float], columns: int, rows: int, **options: bool) -> list[str]:
    values = np.array(y, dtype=np.float64)
    finite = values[np.isfinite(values)]
    view = View((0, len(y) - 1), (float(finite.min()), float(finite.max())), "linear", columns, rows)
    with np.errstate(all="ignore"):
        mask = dots(trace(np.arange(len(y), dtype=np.float64), values, values, view, **options), rows)
    return ["".join(".#"[dot] for dot in row) for row in mask.astype(int).tolist()]


def test_a_slope_is_one_dot_thin() -> None:
    assert picture([0, 3], 4, 4) == ["...#", "..#.", ".#..", "#..."]


def test_a_steep_line_is_shared_by_both_columns() -> None:
    assert picture([0, 3], 2, 4) == [".#", ".#", "#.", "#."]


def test_many_points_in_a_column_show_their_range() -> None:
    assert picture([0, 3, 0, 3, 0, 0, 0, 0], 2, 4) == ["#.", "#.", "#.", "##"]


def test_the_mean_of_a_column_is_one_dot() -> None:
    assert picture([0, 4, 0, 4, 2, 2, 2, 2], 2, 5, mean=True) == ["..", "..", "##", "..", ".."]


def test_nan_is_a_gap_and_its_neighbours_stay() -> None:
    assert picture([0, 0, float("nan"), 1, 1], 5, 2) == ["...##", "##..."]
    assert picture([0, float("nan"), 1], 9, 2) == ["........#", "#........"]


def test_a_gap_begins_within_a_column() -> None:
    x, y = np.array([0.0, 0.1, 8.0]), np.array([0.0, np.nan, 1.0])
    ranges = trace(x, y, y, View((0, 8), (0, 1), "linear", 9, 2))
    assert np.flatnonzero(ranges.drawn).tolist() == [0, 8]


def test_infinity_runs_out_of_sight() -> None:
    assert picture([0, 0, float("inf"), 0, 1], 5, 3) == ["..#.#", ".#.#.", "##.#."]


@pytest.mark.parametrize(("glyphs", "text"), [("braille", "⠁⠂⠄⡀⠈⠐⠠⢀"), ("block", "▘▖▝▗"), ("ascii", "****")])
def test_each_dot_of_a_cell(glyphs: str, text: str) -> None:
    across, down = {"braille": (2, 4), "block": (2, 2), "ascii": (1, 4)}[glyphs]
    result = ""
    for column in range(across):
        for row in range(down):
            mask = np.zeros((down, across), dtype=np.bool_)
            mask[row, column] = True
            result += "".join(map(chr, cells(mask, glyphs).ravel().tolist())).strip()  # type: ignore[arg-type]
    assert result == text


def test_full_cells() -> None:
    mask = np.ones((4, 2), dtype=np.bool_)
    assert cells(mask, "braille").tolist() == [[ord("⣿")]]
    assert cells(mask, "block").tolist() == [[ord("█")], [ord("█")]]
