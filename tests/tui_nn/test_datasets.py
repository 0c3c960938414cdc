import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tui_nn.cli import run
from tui_nn.transferred import Tenths, megabytes

Line = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUI_NN_RUNS", str(tmp_path / "runs"))
    return data_folder


def entry(text: str, name: str) -> str:
    """What the second part of the list says of a data set."""
    _, _, files = text.partition("\n\n")
    found = re.search(rf"^{name} .*\n .*$", files, re.M)
    assert found is not None
    return " ".join(found[0].split())


def test_the_list_says_what_is_here_where_from_and_under_which_licence(
    folder: Path, mnist_from: Any, mirrors: Any, capsys: Line
):
    found = mnist_from(mirrors.add("whole", mirrors.give))
    assert run(["datasets"]) == 0
    before = capsys.readouterr().out
    assert str(folder) in before
    assert "not here, 0.8 MB to download" in entry(before, "mnist")
    assert re.search(r"from 127\.0\.0\.1:\d+; .*CC BY-SA 3.0", entry(before, "mnist"))
    assert "30.9 MB" in entry(before, "fashion-mnist")
    assert "codh.rois.ac.jp" in entry(before, "kmnist")
    assert re.search(r"here, 0.8 MB in \S+mnist-5k .*CC BY-SA 3.0", entry(before, "mnist-5k"))
    assert run(["datasets", "fetch", "mnist"]) == 0
    (found.folder / "t10k-labels-idx1-ubyte.gz").rename(folder / "away")
    assert run(["datasets"]) == 0
    assert "not here, 0.00 MB of them to download" in entry(capsys.readouterr().out, "mnist")
    (folder / "away").rename(found.folder / "t10k-labels-idx1-ubyte.gz")
    assert run(["datasets"]) == 0
    assert f"here, 0.8 MB in {folder / 'mnist'}" in entry(capsys.readouterr().out, "mnist")


def test_fetch_tells_each_tenth_and_where_the_files_are(folder: Path, mnist_from: Any, mirrors: Any, capsys: Line):
    mnist_from(mirrors.add("absent", mirrors.refuse), mirrors.add("whole", mirrors.give))
    assert run(["datasets", "fetch", "mnist"]) == 0
    out, err = capsys.readouterr()
    assert out == f"mnist: here, 0.8 MB in {folder / 'mnist'}\n"
    lines = err.splitlines()
    assert lines[0].startswith("mnist: 0.0 of 0.8 MB from 127.0.0.1")
    assert re.match(r"mnist: 0\.8 of 0\.8 MB, \d+\.\d+ MB/s from 127", lines[-1])
    assert 3 < len(lines) <= 13
    assert "\x1b" not in err
    assert run(["datasets", "fetch", "mnist"]) == 0
    assert len(mirrors.asked) == 5


def test_what_is_not_the_official_file_is_told(folder: Path, mnist_from: Any, mirrors: Any, capsys: Line):
    found = mnist_from(mirrors.add("whole", mirrors.give))
    assert run(["datasets", "fetch", "mnist"]) == 0
    (found.folder / found.files[0].name).write_bytes(b"?" * found.files[0].size)
    assert run(["datasets", "fetch", "mnist"]) == 1
    err = capsys.readouterr().err.splitlines()[-1]
    assert "not the official file" in err
    assert found.files[0].name in err
    assert found.files[1].name not in err


def test_without_a_network_it_is_one_line_and_status_1(folder: Path, mnist_from: Any, mirrors: Any, capsys: Line):
    mnist_from(mirrors.add("absent", mirrors.refuse), mirrors.add("other", mirrors.refuse))
    assert run(["datasets", "fetch", "mnist"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = [line for line in err.splitlines() if line.startswith("tui-nn: ")]
    assert line.count("HTTP 404") == 2
    assert str(folder / "mnist") in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mnst"], ["data set", "'mnst'", "mnist"]),
        (["mnist-5k"], ["mnist-5k", "is not downloaded", "fashion-mnist, kmnist, mnist"]),
        (["idx:somewhere"], ["idx:somewhere", "is not downloaded"]),
        ([], ["NAME"]),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments: list[str], words: list[str], capsys: Line):
    assert run(["datasets", "fetch", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert all(word in err for word in words)


TRAIN = ["train", "--model", "Flatten, Linear(10)", "--batch-size", "600", "--epochs", "1"]


def test_a_headless_run_downloads_in_plain_lines(mnist_from: Any, mirrors: Any, capsys: Line):
    mnist_from(mirrors.add("whole", mirrors.give))
    assert run([*TRAIN, "--dataset", "mnist"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if line.startswith("downloading mnist: ")]
    assert "0.0 of 0.8 MB from 127" in told[0]
    assert re.search(r"0\.8 of 0\.8 MB, .* MB/s from 127", told[-1])
    assert lines[len(told)] == "mnist: 3,600 training, 400 validation, 1,000 test samples"


def test_a_run_whose_data_cannot_be_had_fails_and_the_offer_works(mnist_from: Any, mirrors: Any, capsys: Line):
    mnist_from(mirrors.add("absent", mirrors.refuse))
    assert run([*TRAIN, "--dataset", "mnist", "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    offer = re.search(r"go on with (--dataset \S+)$", err.rstrip())
    assert offer is not None
    assert run([*TRAIN, *offer[1].split()]) == 0


@pytest.mark.parametrize("placed", [True, False])
def test_the_set_of_a_run_that_names_none(
    placed: bool, folder: Path, mnist_from: Any, digits: dict[str, bytes], capsys: Line
):
    found = mnist_from()
    if placed:
        found.folder.mkdir(parents=True)
        for name, content in digits.items():
            (found.folder / name).write_bytes(content)
    name = "mnist" if placed else "mnist-5k"
    file = folder.parent / "run.safetensors"
    assert run([*TRAIN, "--checkpoint", str(file)]) == 0
    assert capsys.readouterr().out.startswith(f"{name}: ")
    # What was recorded is the name, not the rule: another cache does not change the run.
    shutil.rmtree(found.folder, ignore_errors=True)
    if placed:
        assert run(["train", "--resume", str(file), "--epochs", "2"]) == 1
        assert "mnist: cannot be downloaded" in capsys.readouterr().err
    else:
        assert run(["train", "--resume", str(file), "--epochs", "2"]) == 0


@pytest.mark.parametrize("where", ["preset", "file", "flag"])
def test_a_set_that_is_named_is_not_replaced_by_the_rule(
    where: str,
    folder: Path,
    mnist_from: Any,
    digits: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Line,
):
    found = mnist_from()
    found.folder.mkdir(parents=True)
    for name, content in digits.items():
        (found.folder / name).write_bytes(content)
    monkeypatch.setattr("engine.training.config.PRESETS", tmp_path)
    (tmp_path / "mine.toml").write_text('description = "mine"\ndataset = "mnist-5k"\n')
    (tmp_path / "mlp.toml").write_text('description = "any"\n')
    (tmp_path / "settings.toml").write_text('dataset = "mnist-5k"\n')
    options = {
        "preset": ["--preset", "mine"],
        "file": ["--config", str(tmp_path / "settings.toml")],
        "flag": ["--dataset", "mnist-5k"],
    }
    assert run([*TRAIN, *options[where]]) == 0
    assert capsys.readouterr().out.startswith("mnist-5k: ")


def test_the_rule_is_told_by_the_help(capsys: Line):
    assert run(["train", "--help"]) == 0
    assert "mnist if it has been downloaded, else mnist-5k" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0.0 MB"), (4542, "0.00 MB"), (28_881, "0.03 MB"), (11_594_722, "11.6 MB")]
)
def test_bytes_as_people_say_them(count: int, text: str):
    assert megabytes(count) == text


def test_one_line_a_tenth_and_a_server(make_transfer: Callable[..., Any]):
    tenths = Tenths()
    passed = [tenths.passed(make_transfer(done)) for done in range(101)]
    assert sum(passed) == 11
    assert tenths.passed(make_transfer(100, "elsewhere"))


@pytest.fixture
def make_transfer() -> Callable[..., Any]:
    from engine.downloads.meter import Transfer

    return lambda done, source="here": Transfer("mnist", done, 100, 1.0, source)


def test_a_cache_that_cannot_be_written_is_named(folder: Path, mnist_from: Any, mirrors: Any, capsys: Line):
    mnist_from(mirrors.add("whole", mirrors.give))
    folder.write_text("no folder")
    assert run(["datasets", "fetch", "mnist"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{folder / 'mnist'} cannot be written: " in line
    assert "TUI_NN_DATA" in line
    assert mirrors.asked == []


def test_so_is_one_whose_permissions_do_not_allow_it(folder: Path, mnist_from: Any, mirrors: Any, capsys: Line):
    mnist_from(mirrors.add("whole", mirrors.give))
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("permissions do not bind this user")
    assert run([*TRAIN, "--dataset", "mnist"]) == 1
    assert f"{folder / 'mnist'} cannot be written: Permission denied" in capsys.readouterr().err
