"""Data as another program writes it, trained on by the command line."""

import csv
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tui_nn.cli import run

RANDOM = np.random.default_rng(11)
LABELS = np.arange(120) % 3
PICTURES = RANDOM.integers(0, 100, (120, 8, 8), dtype=np.uint8)
PICTURES[np.arange(120), 2 * LABELS] += 150
"""A bright row says the class."""

ROWS = RANDOM.normal(size=(120, 4)) + 3 * np.eye(4)[LABELS]
PRICES = ROWS @ [3.0, 1, 0, -2] + 50


def write_idx(folder: Path) -> str:
    for name, pictures, labels in (("train", PICTURES, LABELS), ("t10k", PICTURES[:30], LABELS[:30])):
        images = bytes([0, 0, 8, 3]) + struct.pack(">3I", *pictures.shape) + pictures.tobytes()
        (folder / f"{name}-images-idx3-ubyte").write_bytes(images)
        answers = bytes([0, 0, 8, 1]) + struct.pack(">I", len(labels)) + labels.astype(np.uint8).tobytes()
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(answers)
    return f"idx:{folder}"


def write_npz(folder: Path) -> str:
    path = folder / "keras.npz"
    np.savez_compressed(path, x_train=PICTURES, y_train=LABELS, x_test=PICTURES[:30], y_test=LABELS[:30])
    return f"npz:{path}"


def write_csv(folder: Path) -> str:
    path = folder / "a, b=c:d.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        rows = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        rows.writerow(["a", "b", "c", "d", "species"])
        rows.writerows([*row, ("x", "y", "z")[label]] for row, label in zip(ROWS.tolist(), LABELS, strict=True))
    return f"csv:{path},label=species"


def write_pictures(folder: Path, suffix: str, mode: str) -> str:
    for number, (picture, label) in enumerate(zip(PICTURES, LABELS, strict=True)):
        place = folder / ["cats", "dogs", "cows"][label]
        place.mkdir(exist_ok=True)
        Image.fromarray(picture).convert(mode).save(place / f"{number}.{suffix}")
    return f"folder:{folder}"


KINDS = {
    "idx": (write_idx, 108, 30),
    "npz": (write_npz, 108, 30),
    "csv": (write_csv, 87, 24),
    "png": (lambda folder: write_pictures(folder, "png", "L"), 87, 24),
    "jpeg": (lambda folder: write_pictures(folder, "jpg", "RGB"), 87, 24),
}


def trained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["train", *arguments, "--seed", "0", "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("kind", KINDS)
def test_an_epoch_and_more(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TUI_NN_RUNS", str(tmp_path / "runs"))
    write, train_count, test_count = KINDS[kind]
    (tmp_path / "data").mkdir()
    spec = write(tmp_path / "data")
    summary = trained(capsys, "--preset", "softmax", "--dataset", spec, "--epochs", "1", "--batch-size", "10")
    assert summary["dataset"] == spec
    assert summary["model"] == "Flatten, Linear(3)"
    assert summary["steps"] == -(-train_count // 10)
    assert summary["test_standard_error"] == pytest.approx(
        (summary["test_accuracy"] * (1 - summary["test_accuracy"]) / test_count) ** 0.5
    )
    resumed = trained(capsys, "--resume", summary["checkpoint"], "--epochs", "30", "--lr", "0.02")
    assert resumed["epochs"] == 30
    assert resumed["test_accuracy"] > 0.9


def test_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TUI_NN_RUNS", str(tmp_path / "runs"))
    path = tmp_path / "prices.csv"
    np.savetxt(path, np.column_stack([ROWS, PRICES]), delimiter=",", header="a,b,c,d,price", comments="")
    options = ("--preset", "softmax", "--dataset", f"csv:{path},target=price", "--batch-size", "10", "--lr", "0.02")
    summary = trained(capsys, *options, "--epochs", "40")
    assert (summary["loss"], summary["model"], summary["target"]) == ("mse", "Flatten, Linear(1)", "price")
    assert summary["test_accuracy"] is None
    assert summary["test_standard_error"] is None
    assert summary["test_r2"] > 0.95
    assert summary["test_rmse"] < 0.3 * PRICES.std()
    assert run(["train", *options, "--epochs", "1"]) == 0
    out = capsys.readouterr().out
    assert "test rmse of price" in out
    assert "accuracy" not in out


@pytest.mark.parametrize(
    ("dataset", "complaint"),
    [
        ("csv:missing.csv", "missing.csv: No such file or directory; expected a file of comma-separated values"),
        ("table.csv", "for data of your own write what it is: csv:FILE, folder:DIR, idx:DIR, npz:FILE"),
        ("csv:table.csv", "table.csv: line 2 has no value in column 1 (a)"),
        ("csv:table.csv,labl=a", "unknown option of csv:FILE 'labl'"),
        ("folder:table.csv", "table.csv: no such folder"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    dataset: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text("a,b\n,1\n2,3\n")
    assert run(["train", "--dataset", dataset]) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert len(error.splitlines()) == 1


def test_numbers_and_classes_do_not_mix(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    spec = write_csv(tmp_path)
    assert run(["train", "--dataset", spec.replace("label=species", "target=a,skip=species"), "--loss", "bce"]) == 2
    assert "--loss bce: compares classes, but csv:" in capsys.readouterr().err
    assert run(["train", "--dataset", spec, "--model", "Linear(10)"]) == 2
    assert "with 3 classes needs (3,); Linear(outputs) gives what the data needs" in capsys.readouterr().err
