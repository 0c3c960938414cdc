import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import DataError, load

FILES = {
    "train-images-idx3-ubyte": (60, 5, 4),
    "train-labels-idx1-ubyte": (60,),
    "t10k-images-idx3-ubyte": (12, 5, 4),
    "t10k-labels-idx1-ubyte": (12,),
}


def write(path: Path, array: np.ndarray) -> None:
    content = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    content += array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """60 training and 12 test pictures, 5 high and 4 wide, of the classes 0, 1 and 2."""
    random = np.random.default_rng(0)
    for name, shape in FILES.items():
        values = random.integers(0, 256, shape) if len(shape) == 3 else np.arange(shape[0]) % 3
        write(tmp_path / name, values)
    return tmp_path


def refusal(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        load(f"idx:{folder}")
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_any_picture_size_and_class_count(folder: Path):
    dataset = load(f"idx:{folder}")
    assert dataset.input_shape == (1, 5, 4)
    assert dataset.class_names == ("0", "1", "2")
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (54, 6, 12)
    assert str(folder) in dataset.provenance


def test_compressed_and_plain_files_are_the_same_data(folder: Path):
    plain = load(f"idx:{folder}")
    for name in FILES:
        path = folder / name
        (folder / f"{name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    np.testing.assert_array_equal(load(f"idx:{folder}").train.x, plain.train.x)


def test_home_folder_is_expanded(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    assert load(f"idx:~/{folder.name}").input_shape == (1, 5, 4)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str):
    (folder / name).unlink()
    assert name in refusal(folder)


def test_a_missing_folder_is_named(tmp_path: Path):
    assert "no such folder" in refusal(tmp_path / "mnist")


@pytest.mark.parametrize(
    ("name", "values", "complaint"),
    [
        ("train-labels-idx1-ubyte", np.zeros(59), "expected (60,)"),
        ("t10k-labels-idx1-ubyte", np.zeros((12, 1)), "expected (12,)"),
        ("t10k-labels-idx1-ubyte", np.full(12, 3), "label 3; expected 0 to 2"),
        ("train-images-idx3-ubyte", np.zeros((60, 20)), "expected (count, height, width)"),
        ("train-images-idx3-ubyte", np.zeros((0, 5, 4)), "expected (count, height, width)"),
        ("t10k-images-idx3-ubyte", np.zeros((12, 4, 5)), "5x4 and 4x5"),
    ],
)
def test_files_that_do_not_belong_together(folder: Path, name: str, values: np.ndarray, complaint: str):
    write(folder / name, values)
    assert complaint in refusal(folder)


def test_too_few_images_to_keep_any_for_validation(folder: Path):
    write(folder / "train-images-idx3-ubyte", np.zeros((3, 5, 4)))
    write(folder / "train-labels-idx1-ubyte", np.arange(3))
    assert "3 training samples; expected two of a class or more" in refusal(folder)


def test_room_is_that_of_all_files_together(folder: Path, monkeypatch: pytest.MonkeyPatch):
    need = 72 * 20 * (1 + 4) + 72 * (1 + 4 + 64)
    monkeypatch.setattr("engine.datasets.files.MAX_BYTES", need)
    load(f"idx:{folder}")
    monkeypatch.setattr("engine.datasets.files.MAX_BYTES", need - 1)
    assert "t10k-labels-idx1-ubyte: announces 12 values, which take 768 bytes of memory" in refusal(folder)


def test_pictures_of_one_grey_stay_finite(folder: Path):
    write(folder / "train-images-idx3-ubyte", np.full((60, 5, 4), 7))
    dataset = load(f"idx:{folder}")
    assert not dataset.train.x.any()
    assert np.isfinite(dataset.test.x).all()
