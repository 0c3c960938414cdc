from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.datasets import DataError, load

RANDOM = np.random.default_rng(4)


def paint(path: Path, shape: tuple[int, ...] = (6, 5), kind: np.dtype | type = np.uint8) -> np.ndarray:
    """A picture of noise; (height, width[, channels])."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RANDOM.integers(0, np.iinfo(kind).max, shape, dtype=kind, endpoint=True)
    Image.fromarray(pixels).save(path)
    return pixels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten grey pictures, 6 high and 5 wide, in each of the folders "one" and "two"."""
    for name in ("one", "two"):
        for number in range(10):
            paint(tmp_path / name / f"{number}.png")
    return tmp_path


def refusal(spec: str) -> str:
    with pytest.raises(DataError) as caught:
        load(spec)
    assert "expected" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_a_folder_a_class(folder: Path):
    dataset = load(f"folder:{folder}")
    assert (dataset.class_names, dataset.input_shape) == (("one", "two"), (1, 6, 5))
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (14, 2, 4)
    files = {name: [np.asarray(Image.open(p)).tolist() for p in (folder / name).iterdir()] for name in ("one", "two")}
    for part in (dataset.train, dataset.validation, dataset.test):
        for picture, label in zip(np.rint(dataset.pixels(part.x)[:, 0] * 255), part.labels, strict=True):
            assert picture.tolist() in files[dataset.class_names[label]]


def test_colour_anywhere_is_colour_everywhere(folder: Path):
    colours = paint(folder / "three" / "a.png", (6, 5, 3))
    for number in range(9):
        paint(folder / "three" / f"{number}.png", (6, 5, 4))
    dataset = load(f"folder:{folder}")
    assert dataset.input_shape == (3, 6, 5)
    parts = (dataset.train, dataset.validation, dataset.test)
    shown = np.rint(np.concatenate([dataset.pixels(part.x) for part in parts]) * 255)
    assert np.moveaxis(colours, -1, 0).tolist() in shown.tolist()
    assert np.ptp(shown[np.concatenate([part.labels for part in parts]) == 0], axis=1).max() == 0


def test_the_commonest_size_with_a_notice(folder: Path):
    paint(folder / "one" / "large.jpg", (60, 50))
    dataset = load(f"folder:{folder}")
    assert dataset.input_shape == (1, 6, 5)
    assert "1 of 21 pictures were resized to 5x6" in dataset.notices
    assert load(f"folder:{folder},size=4").input_shape == (1, 4, 4)
    assert load(f"folder:{folder},size=8x3").input_shape == (1, 8, 3)
    assert "size=0" in refusal(f"folder:{folder},size=0")


def test_sixteen_bits_keep_their_greys(tmp_path: Path):
    for name in ("one", "two"):
        for number in range(6):
            deep = paint(tmp_path / name / f"{number}.png", kind=np.uint16)
    shown = load(f"folder:{tmp_path}").pixels(load(f"folder:{tmp_path}").train.x) * 255
    assert 0.3 < np.mean((shown > 64) & (shown < 192)) < 0.7
    assert deep.max() > 255


def test_what_is_no_picture_is_ignored_and_told(folder: Path):
    (folder / "README.txt").write_text("hello")
    (folder / "empty").mkdir()
    (folder / ".git").mkdir()
    (folder / "one" / "deeper").mkdir()
    paint(folder / "one" / "deeper" / "1.png")
    (folder / "one" / "loop").symlink_to(folder)
    dataset = load(f"folder:{folder}")
    assert dataset.class_names == ("one", "two")
    told = next(notice for notice in dataset.notices if "ignored" in notice)
    assert told.startswith("4 files and folders")
    assert ".git" not in told


def test_train_and_test_of_its_own(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("split")
    (root / "train").symlink_to(folder)
    shown = paint(root / "test" / "two" / "a.png")
    dataset = load(f"folder:{root}")
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (18, 2, 1)
    assert dataset.test.labels.tolist() == [1]
    np.testing.assert_array_equal(np.rint(dataset.pixels(dataset.test.x)[0, 0] * 255), shown)
    paint(root / "test" / "zwei" / "a.png")
    assert "is no class of" in refusal(f"folder:{root}")


def test_a_test_without_pictures_is_named(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("split")
    (root / "train").symlink_to(folder)
    (root / "test").mkdir()
    assert f"{root / 'test'}: has no folder with pictures" in refusal(f"folder:{root}")
    (root / "test" / "one").mkdir()
    assert f"{root / 'test'}: has no folder with pictures" in refusal(f"folder:{root}")


def test_more_than_memory_has_room_for_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.datasets.files.MAX_BYTES", 20 * 30 * 5 + 30 * 12)
    load(f"folder:{folder}")
    monkeypatch.setattr("engine.datasets.files.MAX_BYTES", 20 * 30 * 5 + 30 * 12 - 1)
    assert "expected at most" in refusal(f"folder:{folder}")


def test_bombs_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("one", "two"):
        for number in range(6):
            (tmp_path / name).mkdir(exist_ok=True)
            Image.new("L", (2000, 2000)).save(tmp_path / name / f"{number}.png")
    monkeypatch.setattr("engine.datasets.picture_folder.read_picture", lambda path, kind: pytest.fail("was unpacked"))
    assert "unpack to 48,000,000; expected at most 100 times as many" in refusal(f"folder:{tmp_path}")


def test_mistakes_are_named(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    empty = tmp_path_factory.mktemp("empty")
    assert "no such folder" in refusal(f"folder:{empty}/x")
    assert "no folder with pictures" in refusal(f"folder:{empty}")
    assert "no folder with pictures" in refusal(f"folder:{folder / 'one'}")
    (folder / "one" / "0.png").write_bytes(b"<html>")
    assert f"{folder / 'one' / '0.png'}: no PNG or JPEG picture" in refusal(f"folder:{folder}")
