import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tui_nn
from engine.datasets.idx import read_idx
from engine.training.checkpoint import load_checkpoint, resume_path
from engine.training.config import preset_names, read_preset
from tui_nn.cli import run

ROOT = Path(tui_nn.__file__).parents[1]
DIGITS = ROOT / "data" / "mnist-5k"

SMALL = ("--model", "Flatten, Linear(8), ReLU, Linear(10)", "--batch-size", "200")

SUMMARY = {
    "run", "dataset", "model", "parameters", "optimizer", "seed", "epochs", "steps",
    "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy",
    "test_standard_error", "seconds", "compile_seconds", "samples_per_second", "threads", "peak_memory_mb",
    "verdicts", "checkpoint",
}  # fmt: skip
COST = {"run", "seconds", "compile_seconds", "samples", "samples_per_second", "peak_memory_mb", "checkpoint"}
"""What may differ between two runs that are the same."""

Train = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUI_NN_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def train(capsys: pytest.CaptureFixture[str]) -> Train:
    """train(*options): the JSON summary of a run that must succeed."""

    def start(*options: str | Path) -> dict[str, Any]:
        assert run(["train", *map(str, options), "--json"]) == 0
        summary: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return summary

    return start


def outcome(summary: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in summary.items() if name not in COST}


BAD = [
    # What is asked for, and the words that say what was wrong and what would be right.
    (["--model", "Flatten, Liner(3)"], ["layer", "'Liner'", "Linear"]),
    (["--model", "Flatten, Linear(5)"], ["Linear", "(5,)", "(10,)"]),
    (["--model", "Linear(10)"], ["Linear", "(1, 28, 28)", "Flatten"]),
    (["--model", "Flatten, Linear(90000), Linear(90000), Linear(10)"], ["8,171,", "parameters", "memory"]),
    (["--threads", "1000"], ["--threads", "1000", "processor cores"]),
    (["--init", "normal(-1)"], ["normal(-1)", "must be a number > 0"]),
    (["--model", "Flatten, Linear(0)"], ["Linear(0)", "whole number >= 1"]),
    (["--model", "Flatten, Linear(10"], ["model", "Flatten, Linear(10", "a, b(2)"]),
    (["--model", ""], ["model", "''"]),
    (["--optimizer", "adm"], ["optimizer", "'adm'", "adam", "sgd"]),
    (["--optimizer", "adam(beta1=3)"], ["--optimizer", "beta1=3", "0 to 0.9999"]),
    (["--loss", "mes"], ["loss", "'mes'", "mse"]),
    (["--schedule", "cosinus"], ["schedule", "'cosinus'", "cosine"]),
    (["--init", "hee"], ["initializer", "'hee'", "he"]),
    (["--preset", "mpl"], ["preset", "'mpl'", "mlp"]),
    (["--dataset", "mnst"], ["data set", "'mnst'", "mnist-5k"]),
    (["--dataset", "idx:"], ["idx:DIR"]),
    (["--resume", "/"], ["/", "is a folder"]),
    (["--dataset", "idx:nowhere"], ["nowhere", "no such folder"]),
    (["--dataset", "spiral(arms=1)"], ["spiral(arms=1)", "whole number >= 2"]),
    (["--dataset", "iris", "--augment", "affine"], ["--augment", "iris", "(4,)"]),
    (["--strategy", "guess"], ["strategy", "'guess'", "random_search"]),
    (["--preset", "spiral", "--strategy", "random_search", "--lr", "1"], ["--lr", "learning_rate", "scale"]),
    (["--batch-size", "5000"], ["--batch-size", "5000", "3600"]),
    (["--batch-size", "0"], ["--batch-size", "0", "1 to 65536"]),
    (["--batch-size", "2.5"], ["--batch-size", "2.5", "whole number"]),
    (["--lr", "fast"], ["--lr", "fast", "number"]),
    (["--lr", "-1"], ["--lr", "-1", "1e-08 to 1000"]),
    (["--lr", "nan"], ["--lr", "nan", "1e-08 to 1000"]),
    (["--lr", "inf"], ["--lr", "inf", "1e-08 to 1000"]),
    (["--lr"], ["--lr"]),
    (["--epochs", "0"], ["--epochs", "0", ">= 1"]),
    (["--seed", "-1"], ["--seed", "-1", ">= 0"]),
    (["--threads", "many"], ["--threads", "many", "whole number"]),
    (["--augment", "elastik"], ["elastik", "affine, elastic, none", "did you mean 'elastic'"]),
    (["--clip-norm", "-1"], ["--clip-norm", "-1", "0 (off)", "0.001 to 1000"]),
    (["--set", "momentum"], ["--set", "momentum", "NAME=NUMBER"]),
    (["--set", "speed=1"], ["--set", "speed", "learning_rate"]),
    (["--set", "beta1=2"], ["--set", "beta1=2", "0 to 0.9999"]),
    (["--config", "none.toml"], ["--config", "none.toml", "no such file"]),
    (["--resume", "none.safetensors"], ["none.safetensors", "no such file"]),
    (["--checkpoint", "/"], ["checkpoint", "/", "cannot be written"]),
    (["--optimiser", "adam"], ["--optimiser"]),
    (["now"], ["now"]),
]


@pytest.mark.parametrize(("options", "words"), BAD, ids=[" ".join(options) for options, _ in BAD])
def test_a_mistake_is_one_line_and_status_2(
    options: list[str], words: list[str], capsys: pytest.CaptureFixture[str], runs: Path
):
    assert run(["train", "--epochs", "1", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tui-nn: ")
    assert len(err.splitlines()) == 1
    for word in words:
        assert word in err
    assert not list(runs.rglob("*.safetensors"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], ["'trian'", "train"]),
        (["--speed", "3"], ["--speed"]),
        (["--pace", "fast"], ["--pace", "fast", "0 to 3600"]),
        (["--pace", "-1"], ["--pace", "-1", "0 to 3600"]),
        (["--pace", "nan"], ["--pace", "nan", "0 to 3600"]),
        (["--lr", "0.1", "train"], ["after the command", "train"]),
        (["gradcheck", "--model", "Liner(3)"], ["layer", "'Liner'"]),
    ],
)
def test_so_is_one_around_the_commands(arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    for word in words:
        assert word in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lr = = 3", ["not a readable TOML file", "line 1"]),
        ("learning_rte = 3", ["setting", "'learning_rte'", "lr"]),
        ('lr = "fast"', ["lr", "fast", "number"]),
        ("set = 3", ["set"]),
        ('set = {weight_decay = "much"}', ["set", "much"]),
        ("lr = 5000.0", ["lr", "5000", "1000"]),
    ],
)
def test_so_is_one_in_a_file_of_settings(
    text: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    assert run(["train", "--epochs", "1", "--config", str(file)]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    for word in words:
        assert word in err


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty", "missing"])
def test_damaged_data_are_named_with_what_was_expected(damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for source in DIGITS.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    file = tmp_path / "t10k-images-idx3-ubyte.gz"
    content = file.read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
    file.write_bytes({"cut": content[:-100], "flipped": flipped, "text": b"<html>", "empty": b""}.get(damage, b""))
    if damage == "missing":
        file.unlink()
    assert run(["train", "--dataset", f"idx:{tmp_path}", "--epochs", "1"]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert file.name in err
    assert "expected" in err


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff" * 200])
def test_a_checkpoint_that_is_none_is_told(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "x.safetensors"
    file.write_bytes(content)
    assert run(["train", "--resume", str(file)]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert str(file) in err


def test_json_is_one_object_on_the_last_line_with_all_its_fields(capsys: pytest.CaptureFixture[str], runs: Path):
    assert run(["train", *SMALL, "--epochs", "2", "--seed", "3", "--optimizer", "sgd", "--json"]) == 0
    out, err = capsys.readouterr()
    (line,) = out.splitlines()
    summary = json.loads(line)
    assert summary.keys() >= SUMMARY
    assert summary["dataset"] == "mnist-5k"
    assert summary["model"] == SMALL[1]
    assert summary["parameters"] == 785 * 8 + 9 * 10
    assert (summary["optimizer"], summary["seed"], summary["epochs"], summary["steps"]) == ("sgd", 3, 2, 36)
    accuracy = summary["test_accuracy"]
    assert summary["test_standard_error"] == pytest.approx((accuracy * (1 - accuracy) / 1000) ** 0.5)
    assert Path(summary["checkpoint"]).is_file()
    assert Path(summary["checkpoint"]).is_relative_to(runs)
    assert "epoch   2" in err


def test_the_same_call_twice_gives_the_same_numbers_and_another_seed_others(train: Train):
    once, again = (train("--preset", "mlp", "--epochs", "2", "--seed", "1") for _ in range(2))
    assert outcome(once) == outcome(again)
    assert outcome(train("--preset", "mlp", "--epochs", "2", "--seed", "2"))["train_loss"] != once["train_loss"]


def test_it_learns_the_digits(train: Train):
    summary = train("--preset", "mlp", "--epochs", "10", "--seed", "0")
    assert summary["test_accuracy"] >= 0.93


@pytest.mark.parametrize("command", [["train"], []])
def test_without_a_terminal_there_are_plain_lines(command: list[str], capsys: pytest.CaptureFixture[str]):
    assert run([*command, *SMALL, "--epochs", "3"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "\x1b" not in out
    assert "\r" not in out
    lines = out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("epoch ")] == ["1", "2", "3"]
    assert "3,600 training" in lines[0]
    assert any("test accuracy" in line for line in lines)
    assert "--resume" in lines[-1]
    assert all(len(line) <= 200 for line in lines)


def test_a_sentence_about_a_set_up_that_is_hardly_meant(capsys: pytest.CaptureFixture[str]):
    assert run(["train", "--model", "Flatten, Linear(10), Softmax", "--epochs", "1", "--batch-size", "400"]) == 0
    assert "Softmax" in next(line for line in capsys.readouterr().out.splitlines() if line.startswith("note: "))


def test_resumed_it_goes_on_as_if_it_had_not_stopped(train: Train, tmp_path: Path):
    whole = train("--epochs", "4", "--checkpoint", tmp_path / "whole.safetensors")
    train("--epochs", "2", "--checkpoint", tmp_path / "half.safetensors")
    resumed = train("--resume", tmp_path / "half.safetensors", "--epochs", "4")
    # What is found rests on the figures of this part of the run.
    del resumed["verdicts"], whole["verdicts"]
    assert outcome(resumed) == outcome(whole)


def test_a_resumed_run_keeps_its_settings_and_takes_no_preset(
    train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "mine.safetensors"
    first = train(*SMALL, "--optimizer", "momentum", "--lr", "0.03", "--epochs", "1", "--checkpoint", file)
    second = train("--resume", file, "--epochs", "2")
    for name in ("model", "optimizer", "hyperparameters"):
        assert second[name] == first[name]
    assert second["steps"] == 2 * first["steps"]
    assert run(["train", "--resume", str(file), "--preset", "mlp"]) == 2
    assert "--preset" in capsys.readouterr().err


def test_the_checkpoint_goes_where_it_was_asked_to(train: Train, tmp_path: Path):
    file = tmp_path / "deep" / "mine.safetensors"
    assert train(*SMALL, "--epochs", "1", "--checkpoint", file)["checkpoint"] == str(file)
    assert load_checkpoint(file).training is not None


def test_a_loss_that_is_not_finite_fails_with_an_explanation_and_valid_json(capsys: pytest.CaptureFixture[str]):
    model = "Flatten, Linear(16), Linear(10)"
    assert run(["train", "--model", model, "--optimizer", "sgd", "--lr", "1000", "--epochs", "1", "--json"]) == 1
    out, err = capsys.readouterr()

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    summary = json.loads(out, parse_constant=refuse)
    assert summary["train_loss"] is None
    assert "not finite" in err.splitlines()[-1]
    assert "learning rate" in err.splitlines()[-1]


def test_settings_come_from_the_file_and_flags_win(train: Train, tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text(
        'model = "Flatten, Linear(5), Linear(10)"\noptimizer = "sgd"\nlr = 0.02\nbatch_size = 300\nepochs = 1\n'
        "seed = 9\n[set]\nweight_decay = 0.01\n"
    )
    summary = train("--config", file, "--lr", "0.05", "--set", "clip-norm=2", "--seed", "4")
    assert summary["model"] == "Flatten, Linear(5), Linear(10)"
    assert (summary["optimizer"], summary["seed"], summary["epochs"]) == ("sgd", 4, 1)
    numbers = summary["hyperparameters"]
    assert (numbers["learning_rate"], numbers["batch_size"]) == (0.05, 300)
    assert (numbers["weight_decay"], numbers["clip_norm"]) == (0.01, 2)


def test_a_preset_s_learning_rate_is_for_its_own_optimizer(train: Train):
    small = ("--batch-size", "400", "--epochs", "1")
    rate = read_preset("deep-relu")[1]["lr"]
    assert train("--preset", "deep-relu", *small)["hyperparameters"]["learning_rate"] == rate
    changed = train("--preset", "deep-relu", *small, "--optimizer", "adam")["hyperparameters"]
    assert changed["learning_rate"] == 0.001
    chosen = train("--preset", "deep-relu", *small, "--optimizer", "adam", "--lr", "0.02")["hyperparameters"]
    assert chosen["learning_rate"] == 0.02


def test_a_data_set_brings_its_preset_unless_a_model_is_given(train: Train):
    for spec in ("moons", "moons(noise=0.3)"):
        summary = train("--dataset", spec, "--epochs", "1")
        assert (summary["dataset"], summary["model"]) == (spec, "Linear(16), Tanh, Linear(16), Tanh, Linear(2)")
    given = train("--dataset", "moons", "--epochs", "1", "--model", "Linear(2)", "--loss", "mse")
    assert (given["model"], given["loss"], given["hyperparameters"]["learning_rate"]) == ("Linear(2)", "mse", 0.001)
    assert "Linear(5)" in train("--dataset", "spiral(arms=5)", "--epochs", "1")["model"]


def test_a_search_takes_no_numbers_of_the_optimizer_along(train: Train, tmp_path: Path):
    file = tmp_path / "a.safetensors"
    small = ("--epochs", "1", "--checkpoint", file)
    climbing = train("--preset", "spiral", "--strategy", "hill_climbing(scale=0.1)", *small)
    assert climbing["hyperparameters"] == {"scale": 0.1, "batch_size": 32, "label_smoothing": 0}
    assert (climbing["samples"], climbing["optimizer"]) == (29 * 900, None)
    again = train("--resume", file, "--epochs", "2", "--set", "scale=0.2", "--checkpoint", file)
    assert (again["steps"], again["strategy"], again["hyperparameters"]["scale"]) == (
        58,
        "hill_climbing(scale=0.1)",
        0.2,
    )
    descent = train("--resume", file, "--epochs", "3", "--strategy", "gradient", "--lr", "0.01", "--checkpoint", file)
    assert (descent["optimizer"], descent["hyperparameters"]["learning_rate"]) == ("adam", 0.01)
    assert descent["samples"] == 900
    assert descent["train_loss"] < climbing["train_loss"]
    back = train("--resume", file, "--epochs", "4", "--strategy", "random_search")
    assert (back["steps"], back["hyperparameters"]["scale"]) == (116, 1)


def test_presets_and_data_sets_are_listed(capsys: pytest.CaptureFixture[str]):
    assert run(["presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == preset_names()
    assert all(len(line.split()) > 4 for line in lines)
    assert run(["datasets"]) == 0
    listed, _, _ = capsys.readouterr().out.partition("\n\n")
    names = [line.split()[0] for line in listed.splitlines()]
    assert {"mnist-5k", "fashion-mnist", "kmnist", "mnist", "spiral", "iris", "student", "idx:DIR"} <= set(names)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The first digits of each split, 180 to train, as a data set of their own: its specification."""
    folder = tmp_path_factory.mktemp("few")
    for file in DIGITS.glob("*.gz"):
        values = read_idx(file)[:200]
        header = bytes([0, 0, 8, values.ndim]) + b"".join(length.to_bytes(4, "big") for length in values.shape)
        (folder / file.stem).write_bytes(header + values.tobytes())
    return f"idx:{folder}"


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_trains(name: str, few: str, train: Train):
    own = "dataset" in read_preset(name)[1]
    summary = train(
        "--preset",
        name,
        *(() if own else ("--dataset", few, "--samples", "180")),
        "--epochs",
        "1",
        "--batch-size",
        "40",
    )
    assert summary["steps"] > 0 if own else summary["steps"] == 5


def test_gradients_are_checked(capsys: pytest.CaptureFixture[str]):
    assert run(["gradcheck", "--model", "Flatten, Linear(4), Tanh, Linear(3)", "--input-shape", "1,3,3"]) == 0
    out = capsys.readouterr().out
    assert "Linear(4)" in out
    assert "good" in out


@pytest.mark.parametrize("command", [[], ["train"], ["datasets"], ["presets"], ["gradcheck"]])
def test_help_names_the_options(command: list[str], capsys: pytest.CaptureFixture[str]):
    assert run([*command, "--help"]) == 0
    assert "--help" in capsys.readouterr().out


def test_help_of_train_names_every_setting(capsys: pytest.CaptureFixture[str]):
    assert run(["train", "--help"]) == 0
    out = capsys.readouterr().out
    for option in ("preset", "config", "resume", "checkpoint", "dataset", "model", "loss", "optimizer", "lr"):
        assert re.search(rf"--{option}\s", out)
    for option in ("schedule", "init", "batch-size", "clip-norm", "epochs", "seed", "threads", "set", "json"):
        assert re.search(rf"--{option}\s", out)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_saves_and_can_go_on_to_the_same_end(number: int, train: Train, tmp_path: Path):
    options = ["--preset", "mlp", "--seed", "5", "--threads", "1"]
    file = tmp_path / "cut.safetensors"
    arguments = [*options, "--epochs", "1000000", "--checkpoint", str(file)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tui_nn", "train", *arguments], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            next(line for line in process.stdout if line.startswith("epoch   1 "))
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert str(file) in out
    training = load_checkpoint(file).training
    assert training is not None
    epochs = str(training.position.epoch + 2)
    resumed = train("--resume", file, "--epochs", epochs)
    assert outcome(resumed) == outcome(train(*options, "--epochs", epochs))


def test_resumed_with_another_learning_rate_it_has_that_one(train: Train, runs: Path):
    first = train("--epochs", "1", "--optimizer", "momentum", "--set", "momentum=0.8")
    then = train("--resume", first["checkpoint"], "--epochs", "2", "--lr", "0.003", "--batch-size", "100")
    assert then["hyperparameters"]["learning_rate"] == 0.003
    assert then["hyperparameters"]["batch_size"] == 100
    assert then["hyperparameters"]["momentum"] == 0.8


def test_a_fading_gradient_is_in_the_summary(train: Train):
    sigmoids = "Flatten, " + "Linear(30), Sigmoid, " * 4 + "Linear(10)"
    verdicts = train("--epochs", "1", "--model", sigmoids, "--optimizer", "sgd")["verdicts"]
    verdict = next(verdict for verdict in verdicts if verdict["rule"] == "vanishing")
    assert (verdict["level"], verdict["layer"], verdict["cleared"]) == ("amber", "1 Linear(30)", None)
    assert 0 < verdict["step"] <= 113
    assert verdict["value"] < verdict["threshold"]
    assert verdict["remedy"]


def test_two_runs_begun_at_once_are_kept_apart(train: Train):
    first, second = train("--epochs", "1"), train("--epochs", "1")
    assert first["checkpoint"] != second["checkpoint"]


def test_a_damaged_model_is_named_though_its_state_is_whole(train: Train, runs: Path, capsys: Any):
    file = Path(train("--epochs", "1")["checkpoint"])
    file.write_bytes(file.read_bytes()[:1000])
    assert run(["train", "--resume", str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def test_resuming_what_has_had_its_epochs_says_so(train: Train, runs: Path, capsys: Any):
    file = train("--epochs", "1")["checkpoint"]
    assert run(["train", "--resume", file]) == 0
    assert "has had its 1 epochs: ask for more with --epochs" in capsys.readouterr().out


def test_weights_alone_begin_anew_and_say_so(train: Train, runs: Path, capsys: Any):
    file = Path(train("--epochs", "1")["checkpoint"])
    resume_path(file).unlink()
    assert run(["train", "--resume", str(file), "--epochs", "1"]) == 0
    assert "has weights alone" in capsys.readouterr().out


def test_a_checkpoint_that_cannot_be_written_is_a_failure(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def full(path: Path, content: bytes, **how: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.training.checkpoint._write", full)
    assert run(["train", "--epochs", "1", *SMALL]) == 1
    assert "No space left on device" in capsys.readouterr().err


def test_a_file_may_name_a_preset(train: Train, tmp_path: Path):
    file = tmp_path / "own.toml"
    file.write_text('preset = "softmax"\nepochs = 1\n')
    assert train("--config", file)["model"] == "Flatten, Linear(10)"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]):
    assert run(["--version"]) == 0
    assert re.fullmatch(r"tui-nn \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_terminal_without_unicode_gets_the_result_in_ascii(tmp_path: Path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "TUI_NN_RUNS": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tui_nn", "train", "--epochs", "1", *SMALL]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0
    assert b"+-" in done.stdout
    assert b"Traceback" not in done.stderr
