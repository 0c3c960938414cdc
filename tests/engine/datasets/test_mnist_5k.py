import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import Dataset, load
from engine.datasets.idx import read_idx
from engine.datasets.paths import data_path

FOLDER = data_path("mnist-5k")


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("mnist-5k")


def source(split: str) -> tuple[np.ndarray, np.ndarray]:
    return read_idx(FOLDER / f"{split}-images-idx3-ubyte.gz"), read_idx(FOLDER / f"{split}-labels-idx1-ubyte.gz")


def test_files_are_those_of_the_readme():
    table = re.findall(r"^\| (\S+\.gz) \| (\d+) \| ([0-9a-f]{64}) \|$", data_path("README.md").read_text("utf-8"), re.M)
    content = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    actual = {(name, str(len(data)), hashlib.sha256(data).hexdigest()) for name, data in content.items()}
    assert len(table) == 4
    assert set(table) == actual


@pytest.mark.parametrize(("split", "count"), [("train", 400), ("t10k", 100)])
def test_every_digit_has_its_share(split: str, count: int):
    images, labels = source(split)
    assert images.shape == (10 * count, 28, 28)
    assert np.bincount(labels).tolist() == [count] * 10


@pytest.mark.parametrize("split", ["train", "t10k"])
def test_digits_are_shuffled(split: str):
    labels = source(split)[1].astype(int)
    # Sorted labels would repeat nearly always, random ones one time in ten.
    assert 0.05 < np.mean(labels[1:] == labels[:-1]) < 0.15


def test_no_test_image_is_trained_on():
    train, test = ({image.tobytes() for image in source(split)[0]} for split in ("train", "t10k"))
    assert (len(train), len(test)) == (4000, 1000)
    assert not train & test


def test_labels_belong_to_their_images():
    (images, labels), (test_images, test_labels) = source("train"), source("t10k")
    means = np.array([images[labels == digit].mean(0).ravel() for digit in range(10)])
    distances = ((test_images.reshape(-1, 1, 784) - means) ** 2).sum(-1)
    # The nearest mean picture is known to be right for about four in five digits.
    assert np.mean(distances.argmin(1) == test_labels) > 0.75


def test_splits(digits: Dataset):
    assert (len(digits.train), len(digits.validation), len(digits.test)) == (3600, 400, 1000)
    assert np.bincount(digits.train.labels).tolist() == [360] * 10
    assert np.bincount(digits.validation.labels).tolist() == [40] * 10
    assert digits.input_shape == (1, 28, 28)
    assert digits.class_names == tuple("0123456789")
    for split in (digits.train, digits.validation, digits.test):
        assert (split.x.dtype, split.labels.dtype) == (np.float32, np.int64)
        assert split.x.flags.c_contiguous
        assert not split.x.flags.writeable
        assert not split.labels.flags.writeable


def test_pixels_give_the_picture_back(digits: Dataset):
    images, _ = source("t10k")
    restored = digits.pixels(digits.test.x)
    assert restored.dtype == np.float32
    np.testing.assert_array_equal(np.rint(restored[:, 0] * 255), images)
    assert (restored.min(), restored.max()) == (0, 1)


def test_standardized_by_the_training_split_alone(digits: Dataset):
    pixels = digits.pixels(digits.train.x).astype(np.float64)
    assert digits.input_mean == pytest.approx(pixels.mean(), abs=1e-6)
    assert digits.input_std == pytest.approx(pixels.std(), abs=1e-6)
    assert digits.train.x.mean(dtype=np.float64) == pytest.approx(0, abs=1e-5)
    assert digits.train.x.std(dtype=np.float64) == pytest.approx(1, abs=1e-5)
    everything = np.concatenate([source("train")[0], source("t10k")[0]]) / 255
    assert digits.input_mean != pytest.approx(everything.mean(), abs=1e-5)


def test_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert data_path("mnist-5k").is_dir()
