import csv
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import DataError, Dataset, load

Rows = list[list[object]]


@pytest.fixture
def rows() -> Rows:
    """Sixty rows of two features, of which the third number is a sum and the text a class."""
    random = np.random.default_rng(3)
    table: Rows = [["width", "length", "area", "kind"]]
    for n in range(60):
        width, length = (round(float(value), 3) for value in random.uniform(1, 9, 2))
        table.append([width, length, round(width * length, 3), ("round", "square", "flat")[n % 3]])
    return table


def write(path: Path, rows: Rows) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def refusal(spec: str) -> str:
    with pytest.raises(DataError) as caught:
        load(spec)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def everything(dataset: Dataset) -> np.ndarray:
    parts = (dataset.train, dataset.validation, dataset.test)
    return np.concatenate([dataset.values(part.x) for part in parts])


def test_text_is_classes(tmp_path: Path, rows: Rows):
    dataset = load(f"csv:{write(tmp_path / 'table.csv', rows)}")
    assert dataset.class_names == ("flat", "round", "square")
    assert dataset.feature_names == ("width", "length", "area")
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (42, 6, 12)
    assert [np.bincount(part.labels).tolist() for part in (dataset.validation, dataset.test)] == [[2] * 3, [4] * 3]
    # What was read is all there, each row with its own class.
    kinds = {tuple(np.float32(row[:3]).tolist()): row[3] for row in rows[1:]}
    for part in (dataset.train, dataset.validation, dataset.test):
        for values, label in zip(np.float32(dataset.values(part.x)), part.labels, strict=True):
            nearest = min(kinds, key=lambda known: np.abs(np.array(known) - values).sum())
            np.testing.assert_allclose(nearest, values, rtol=1e-5)
            assert kinds[nearest] == dataset.class_names[label]
    assert any("'kind'" in notice for notice in dataset.notices)
    assert any("20%" in notice and "10%" in notice for notice in dataset.notices)


def test_a_number_to_predict(tmp_path: Path, rows: Rows):
    dataset = load(f"csv:{write(tmp_path / 'table.csv', rows)},target=area,skip=kind")
    assert dataset.target is not None
    assert (dataset.target.name, dataset.class_names) == ("area", ())
    parts = (dataset.train, dataset.validation, dataset.test)
    areas = np.concatenate([part.labels * dataset.target.std + dataset.target.mean for part in parts])
    np.testing.assert_allclose(np.prod(everything(dataset), axis=1), areas, rtol=2e-3)
    train = dataset.train.labels
    assert train.dtype == np.float64
    assert train.mean() == pytest.approx(0, abs=1e-12)
    assert train.std() == pytest.approx(1, abs=1e-12)


def test_fractions_are_numbers_where_nobody_says(tmp_path: Path, rows: Rows):
    path = write(tmp_path / "table.csv", [row[:3] for row in rows])
    dataset = load(f"csv:{path}")
    assert dataset.target is not None
    assert dataset.target.name == "area"
    assert "60 different values in 60 rows" in refusal(f"csv:{path},label=area")


def test_a_test_of_its_own(tmp_path: Path, rows: Rows):
    train, test = write(tmp_path / "train.csv", rows), write(tmp_path / "test.csv", [rows[0], *rows[4:8]])
    dataset = load(f"csv:{train},label=kind,test={test}")
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (54, 6, 4)
    np.testing.assert_allclose(dataset.values(dataset.test.x), [row[:3] for row in rows[4:8]], rtol=1e-5)
    assert [dataset.class_names[label] for label in dataset.test.labels] == [row[3] for row in rows[4:8]]
    write(test, [rows[0], [1, 2, 3, "other"], [1, 2, 3, "flat"]])
    assert "has 'other'; expected one of flat, round, square, as in training" in refusal(f"csv:{train},test={test}")
    write(test, [["a", "b", "c", "kind"], [1, 2, 3, "flat"]])
    assert "has other columns than" in refusal(f"csv:{train},test={test}")


def test_columns_as_pictures(tmp_path: Path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 64))
    path = write(tmp_path / "pixels.csv", [[n % 2, *row] for n, row in enumerate(pixels.tolist())])
    table = load(f"csv:{path},label=first")
    assert any("shape=8x8" in notice for notice in table.notices)
    dataset = load(f"csv:{path},label=first,shape=8x8")
    assert dataset.input_shape == (1, 8, 8)
    parts = [dataset.pixels(part.x) for part in (dataset.train, dataset.validation, dataset.test)]
    shown = np.rint(np.concatenate(parts) * 255).reshape(20, 64)
    assert sorted(shown.tolist()) == sorted(pixels.astype(float).tolist())
    assert load(f"csv:{path},label=first,shape=4x4x4").input_shape == (4, 4, 4)
    assert "shape=8x9 for 64 columns" in refusal(f"csv:{path},label=first,shape=8x9")
    assert "shape=8 for 64 columns" in refusal(f"csv:{path},label=first,shape=8")
    write(path, [[n % 2, *row] for n, row in enumerate((pixels + 0.5).tolist())])
    assert "no pixels" in refusal(f"csv:{path},label=first,shape=8x8")


def test_row_numbers_are_noticed(tmp_path: Path, rows: Rows):
    numbered = [["Id", *rows[0]], *([n, *row] for n, row in enumerate(rows[1:], 1))]
    path = write(tmp_path / "table.csv", numbered)
    assert any("skip=Id" in notice for notice in load(f"csv:{path}").notices)
    assert not any("skip=Id" in notice for notice in load(f"csv:{path},skip=Id").notices)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (",label=kind,target=area", "expected one of the two"),
        (",header=maybe", "header=maybe; expected yes or no"),
        (",target=kind", "has 'round' in column 4 (kind); expected a number"),
        (",label=kinds", "has no column 'kinds'"),
        (",test=nowhere.csv", "nowhere.csv: No such file"),
    ],
)
def test_mistakes_in_the_options(tmp_path: Path, rows: Rows, options: str, complaint: str):
    assert complaint in refusal(f"csv:{write(tmp_path / 'table.csv', rows)}{options}")


@pytest.mark.parametrize(
    ("rows", "options", "complaint"),
    [
        ([["a", "y"], *[[n, 3] for n in range(9)]], "", "has '3' in every row; expected two classes or more"),
        ([["a", "y"], *[[n, n] for n in range(50)]], "", "50 different values in 50 rows"),
        ([["a", "y"], *[[n, 1.5] for n in range(9)]], "", "y is 1.5 in every row; expected a number that varies"),
        ([["a", "y"], [1, 2], [2, 3]], "", "2 training samples; expected three of a class or more"),
        ([["a", "y"], *[[1e31, n % 2] for n in range(9)]], "", "a of sample 1 is 1e+31"),
    ],
)
def test_tables_that_teach_nothing(tmp_path: Path, rows: Rows, options: str, complaint: str):
    assert complaint in refusal(f"csv:{write(tmp_path / 'table.csv', rows)}{options}")
