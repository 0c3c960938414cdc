from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import datasets
from engine.datasets.default import default_dataset
from engine.datasets.remote import find, remote_sets, wrong_files
from engine.training.config import Config

NAMES = ["fashion-mnist", "kmnist", "mnist"]


def ignore(transfer: Any) -> None:
    """A watcher that does not look."""


@pytest.fixture
def placed(mnist_from: Callable[..., Any], data_folder: Path, digits: dict[str, bytes]) -> Any:
    """MNIST's files, placed by hand; no mirror is there to be asked."""
    found = mnist_from()
    found.folder.mkdir(parents=True)
    for name, content in digits.items():
        (found.folder / name).write_bytes(content)
    return found


def test_each_has_four_files_mirrors_and_ten_classes():
    datasets.datasets.names()
    assert sorted(remote_sets) == NAMES
    checksums = {file.sha256 for found in remote_sets.values() for file in found.files}
    assert len(checksums) == 12
    for found in remote_sets.values():
        names = {file.name for file in found.files}
        assert names == {f"{s}-{k}-ubyte.gz" for s in ("train", "t10k") for k in ("images-idx3", "labels-idx1")}
        assert all(len(bytes.fromhex(file.sha256)) == 32 and file.size > 1000 for file in found.files)
        assert found.mirrors
        assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in found.mirrors)
        assert len(set(found.class_names)) == 10
        assert "MIT" in found.licence or "CC BY-SA" in found.licence


def test_the_first_load_downloads_and_the_second_does_not(
    mnist_from: Callable[..., Any], mirrors: Any, data_folder: Path
):
    mnist_from(mirrors.add("whole", mirrors.give))
    first = datasets.load("mnist")
    assert (data_folder / "mnist").is_dir()
    assert len(mirrors.asked) == 4
    second = datasets.load("mnist")
    assert len(mirrors.asked) == 4
    embedded = datasets.load("mnist-5k")
    assert (first.name, first.class_names) == ("mnist", tuple("0123456789"))
    for dataset in (first, second):
        np.testing.assert_array_equal(dataset.train.x, embedded.train.x)
        np.testing.assert_array_equal(dataset.test.labels, embedded.test.labels)


def test_files_placed_by_hand_are_used_where_nothing_can_be_written(placed: Any):
    placed.folder.chmod(0o555)
    try:
        datasets.fetch("mnist", ignore)
        assert len(datasets.load("mnist").test) == 1000
        assert len(list(placed.folder.iterdir())) == 4
    finally:
        placed.folder.chmod(0o755)


def test_a_damaged_file_says_how_to_be_rid_of_it(placed: Any):
    path = placed.folder / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(datasets.DataError, match=r"t10k-images.*damaged gzip.*remove the file"):
        datasets.load("mnist")
    assert wrong_files(placed) == [path]


def test_what_cannot_be_had_says_which_files_belong_where(placed: Any):
    lost = [placed.folder / placed.files[number].name for number in (1, 3)]
    for path in lost:
        path.unlink()
    with pytest.raises(datasets.MissingData) as caught:
        datasets.load("mnist")
    said = str(caught.value)
    assert f"place {lost[0].name} and {lost[1].name} in {placed.folder} by hand" in said
    assert placed.files[0].name not in said


def test_what_is_not_downloaded_has_nothing_to_fetch():
    # An unknown name is told when the data are loaded, beside all others.
    for name in ("mnist-5k", "idx:nowhere", "spiral(arms=4)", "kmnst"):
        assert find(name) is None
        datasets.fetch(name, ignore)


def test_the_folder_of_one_s_choice_or_the_user_s_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    found = find("kmnist")
    assert found is not None
    monkeypatch.setenv("TUI_NN_DATA", str(tmp_path))
    assert found.folder == tmp_path / "kmnist"
    monkeypatch.setenv("TUI_NN_DATA", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert found.folder.parts[-2:] == ("data", "kmnist")
    assert "tui-nn" in found.folder.parts


def test_without_a_name_it_is_mnist_where_that_is_here(placed: Any):
    assert default_dataset() == "mnist"
    (placed.folder / placed.files[2].name).unlink()
    assert default_dataset() == "mnist-5k" == Config().dataset
