import csv
import hashlib
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import datasets
from engine.datasets import Dataset
from engine.datasets.paths import data_path

DATA = Path(engine.__file__).parents[1] / "data"


def whole(dataset: Dataset) -> list[tuple[float, ...]]:
    """All rows of a data set in their own units, with the class behind them."""
    parts = (dataset.train, dataset.validation, dataset.test)
    return sorted(
        (*np.round(row, 4).tolist(), float(label))
        for part in parts
        for row, label in zip(dataset.values(part.x), part.labels, strict=True)
    )


def rows(name: str) -> list[list[str]]:
    with data_path(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


@pytest.mark.parametrize("name", ["iris", "student"])
def test_the_splits_have_every_row_of_the_file_once(name: str):
    dataset = datasets.load(name)
    expected = sorted((*map(float, row[:-1]), float(dataset.class_names.index(row[-1]))) for row in rows(name))
    np.testing.assert_allclose(whole(dataset), expected, atol=1e-4)
    np.testing.assert_allclose(dataset.train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(dataset.train.x.std(axis=0), 1, atol=1e-5)


def test_iris_is_fishers():
    dataset = datasets.load("iris")
    assert dataset.class_names == ("setosa", "versicolor", "virginica")
    assert dataset.feature_names == ("sepal length", "sepal width", "petal length", "petal width")
    # The means by species as the paper gives them, in cm.
    table = np.array(whole(dataset))
    means = [table[table[:, 4] == species, :4].mean(axis=0) for species in range(3)]
    expected = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]]
    np.testing.assert_allclose(means, expected, atol=5e-4)
    # The two rows that other copies have wrong.
    assert [",".join(row[:4]) for row in (rows("iris")[34], rows("iris")[37])] == ["4.9,3.1,1.5,0.2", "4.9,3.6,1.4,0.1"]


def test_a_third_of_the_irises_is_kept_to_test_another_for_each_seed():
    first, again, other = (datasets.load(f"iris(seed={seed})") for seed in (1, 1, 2))
    assert np.bincount(first.test.labels).tolist() == [17, 17, 17]
    assert first.test.x.tobytes() == again.test.x.tobytes() != other.test.x.tobytes()
    assert whole(first) == whole(other)


def test_the_students_come_from_their_script(tmp_path: Path):
    script = runpy.run_path(str(DATA / "make_student.py"))
    script["main"].__globals__["PATH"] = tmp_path / "student.csv"
    script["main"]()
    assert (tmp_path / "student.csv").read_bytes() == (DATA / "student.csv").read_bytes()


def test_the_students_have_passed_by_the_formula_but_for_the_noise():
    script = runpy.run_path(str(DATA / "make_student.py"))
    table = rows("student")
    score, hours = np.array([row[:2] for row in table], dtype=float).T
    passed = np.array([row[2] == "pass" for row in table])
    mark = script["expected_mark"](score, hours)
    assert ((mark >= script["PASS_MARK"]) == passed).mean() == pytest.approx(0.928, abs=5e-4)
    far = np.abs(mark - script["PASS_MARK"]) > 4 * script["NOISE"]
    assert ((mark >= script["PASS_MARK"]) == passed)[far].all()


@pytest.mark.parametrize("name", ["iris.csv", "student.csv"])
def test_the_checksum_of_the_table_is_that_of_the_file(name: str):
    about = (DATA / "README.md").read_text(encoding="utf-8")
    content = (DATA / name).read_bytes()
    assert re.search(rf"\| {re.escape(name)} \| {len(content)} \| {hashlib.sha256(content).hexdigest()} \|", about)
