import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.datasets import DataError, Split, available, load
from engine.datasets.paths import data_path
from engine.errors import UserError


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("mnits", ["unknown data set 'mnits'", "known: ", "did you mean 'mnist-5k'?"]),
        ("idx", ["unknown data set 'idx'", "did you mean 'idx:DIR'?"]),
        ("mnist-5k:3", ["unknown data set 'mnist-5k:3'", "did you mean 'mnist-5k'?"]),
        ("", ["unknown data set ''", "known: "]),
    ],
)
def test_unknown_names(spec: str, parts: list[str]):
    with pytest.raises(UserError) as caught:
        load(spec)
    message = str(caught.value)
    assert [part for part in parts if part not in message] == []
    assert len(message.splitlines()) == 1


def test_available_describes_each_data_set_in_a_line():
    listed = available()
    assert "mnist-5k" in dict(listed)
    assert "idx:DIR" in dict(listed)
    assert all(0 < len(description) <= 100 for _, description in listed)


def test_loading_is_repeatable():
    first, second = load("mnist-5k"), load("mnist-5k")
    np.testing.assert_array_equal(first.train.x, second.train.x)
    np.testing.assert_array_equal(first.validation.labels, second.validation.labels)


def test_loading_needs_no_compiler():
    code = "import sys, engine.datasets as d; d.load('mnist-5k'); print('numba' in sys.modules)"
    root = Path(engine.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "False"


def test_a_missing_embedded_file_is_named():
    with pytest.raises(DataError, match="mnist-6k: not found in"):
        data_path("mnist-6k")


def test_split_arrays_are_contiguous_copies_nobody_can_write():
    x = np.arange(24, dtype=np.float64).reshape(4, 6)[:, ::2]
    split = Split(x, np.arange(4, dtype=np.int32))
    assert (split.x.dtype, split.labels.dtype, len(split)) == (np.float32, np.int64, 4)
    assert split.x.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        split.x[0] = 0
    with pytest.raises(ValueError, match="4 inputs have 3 labels"):
        Split(x, np.arange(3))
