import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import tui_nn
from engine.studies.result import Outcome, gather
from engine.studies.running import run_study
from engine.studies.study import read_study, study_names, with_options
from tui_nn.cli import run
from tui_nn.study_report import curves, table

ROOT = Path(tui_nn.__file__).parents[1]

SMALL = """
description = "two learning rates on three kinds of iris"
curve = "validation_accuracy"
columns = ["validation_accuracy", "train_loss", "reached"]
target = 0.6
sentence = "fastest"
seeds = 2

[settings]
dataset = "iris"
model = "Linear(6), ReLU, Linear(3)"
optimizer = "sgd"
epochs = 4
threads = 1

[vary]
lr = [0.0001, 0.5]
"""

WILD = """
description = "a rate that cannot be"
curve = "train_loss"
columns = ["train_loss", "validation_accuracy"]
sentence = "best"

[settings]
dataset = "iris"
model = "Linear(6), Linear(6), Linear(3)"
loss = "mse"
optimizer = "sgd"
epochs = 20
threads = 1

[vary.lr]
calm = 0.01
wild = 1000.0
"""

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The path of a study of two cases with two seeds and four epochs."""
    (tmp_path / "small.toml").write_text(SMALL)
    return str(tmp_path / "small.toml")


def strictly(text: str) -> Any:
    """What a line of JSON holds, which has neither NaN nor infinities."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_is_one_object_on_the_last_line(small: str, capsys: Capture):
    assert run(["study", small, "--json"]) == 0
    out, err = capsys.readouterr()
    (line,) = out.splitlines()
    result = strictly(line)
    assert result["study"] == "small"
    assert result["settings"]["dataset"] == "iris"
    assert [row["label"] for row in result["rows"]] == ["0.0001", "0.5"]
    for row, curve in zip(result["rows"], result["curves"], strict=True):
        assert row["seeds"] == [0, 1]
        assert row["settings"] == {"lr": float(row["label"])}
        assert set(row["figures"]) == {"validation_accuracy", "train_loss", "reached"}
        values = row["figures"]["train_loss"]["values"]
        assert row["figures"]["train_loss"]["mean"] == pytest.approx(sum(values) / 2)
        assert row["figures"]["train_loss"]["deviation"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
        assert curve["label"] == row["label"]
        assert curve["x"] == [1, 2, 3, 4]
        assert len(curve["mean"]) == len(curve["deviation"]) == 4
        assert curve["mean"][-1] == pytest.approx(row["figures"]["validation_accuracy"]["mean"])
    assert result["sentence"].endswith(".")
    assert result["seconds"] > 0
    assert result["complete"] is True
    assert [line.split()[:4] for line in err.splitlines()[1:]] == [["run", str(n), "of", "4"] for n in range(1, 5)]


def test_the_same_call_has_the_same_figures(small: str, capsys: Capture):
    results = []
    for _ in range(2):
        assert run(["study", small, "--json"]) == 0
        results.append(strictly(capsys.readouterr().out))
        del results[-1]["seconds"]
    assert results[0] == results[1]


def test_options_overrule_the_file(small: str, capsys: Capture):
    assert run(["study", small, "--json", "--seeds", "1", "--epochs", "2"]) == 0
    result = strictly(capsys.readouterr().out)
    assert [row["seeds"] for row in result["rows"]] == [[0], [0]]
    assert [curve["x"] for curve in result["curves"]] == [[1, 2], [1, 2]]
    assert result["rows"][0]["figures"]["train_loss"]["deviation"] is None


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_in_plain_lines_there_are_curves_a_table_and_a_sentence(
    columns: int, small: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run(["study", small]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "\x1b" not in out
    lines = out.splitlines()
    shown = lines[5:]  # the description and the four runs may be longer
    assert max(map(len, shown)) <= min(columns, 100)
    (first,) = (place for place, line in enumerate(lines) if line.startswith("o  "))
    rows = lines[first : first + 2]
    assert [row.split()[:2] for row in rows] == [["o", "0.0001"], ["x", "0.5"]]
    # The figures of a column end under its title, or one mark before.
    end = lines[first - 1].index("accuracy") + len("accuracy")
    assert all(re.search(r"%( ± [\d.]+)?( \*|  )$", row[:end]) for row in rows)
    figure = "\n".join(lines[5 : first - 1])
    assert figure.count("o") > 10
    assert figure.count("x") > 10
    assert any("lr 0.5 reaches 60 %" in line for line in lines)


def test_a_run_that_diverges_is_a_result(tmp_path: Path, capsys: Capture):
    file = tmp_path / "wild.toml"
    file.write_text(WILD)
    assert run(["study", str(file)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^x  wild .* -  +-  +diverged at step \d+$", out, re.MULTILINE)
    assert "calm ends at" in out
    assert run(["study", str(file), "--json"]) == 0
    result = strictly(capsys.readouterr().out)
    assert result["rows"][1]["diverged"][0]["step"] > 1
    assert result["rows"][1]["figures"]["train_loss"] == {"mean": None, "deviation": None, "values": []}


def test_a_terminal_without_unicode_gets_ascii(small: str):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tui_nn", "study", small]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0
    text = done.stdout.decode("ascii")
    assert "+-" in text
    assert "?" not in text
    assert re.search(r"^ +\+-{20,}\+$", text, re.MULTILINE)
    assert done.stderr == b""


def test_colours_are_for_terminals_that_want_them(small: str, monkeypatch: pytest.MonkeyPatch):
    result = run_study(with_options(read_study(small), "1", "2"), lambda progress: None)
    plain = curves(result, 80)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    colored = curves(result, 80)
    assert "\x1b[" in "".join(colored)
    assert [re.sub(r"\x1b\[[\d;]*m", "", line).rstrip() for line in colored] == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert curves(result, 80) == plain


@pytest.mark.parametrize("command", [["study"], ["studies"]])
def test_they_are_listed_with_what_they_show(command: list[str], capsys: Capture):
    assert run(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == study_names()
    assert all(len(line.split()) > 4 for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["deph"], ["study", "'deph'", "did you mean 'depth'", ".toml"]),
        (["none.toml"], ["none.toml", "no such file"]),
        (["depth", "--seeds", "0"], ["--seeds", "0", ">= 1"]),
        (["depth", "--epochs", "many"], ["--epochs", "many", "whole number"]),
        (["depth", "--speed"], ["--speed"]),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments: list[str], words: list[str], capsys: Capture):
    assert run(["study", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    for word in words:
        assert word in err


def test_so_is_one_in_the_file(tmp_path: Path, capsys: Capture):
    file = tmp_path / "mine.toml"
    file.write_text(SMALL.replace("curve =", "curves ="))
    assert run(["study", str(file)]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    for word in (str(file), "'curves'", "did you mean 'curve'"):
        assert word in err


def test_so_is_one_that_the_data_tell(tmp_path: Path, capsys: Capture):
    file = tmp_path / "mine.toml"
    file.write_text(SMALL.replace("Linear(3)", "Linear(4)"))
    assert run(["study", str(file)]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    for word in ("study mine: lr 0.0001", "(4,)", "(3,)"):
        assert word in err


def test_a_defect_is_a_failure_and_no_traceback(small: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("engine.training.trainer.summarize", broken)
    assert run(["study", small]) == 1
    assert capsys.readouterr().err == "tui-nn: study: lr 0.0001, seed 0: RuntimeError: out of order\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_interrupted_it_shows_what_was_finished(json_option: list[str], tmp_path: Path):
    file = tmp_path / "long.toml"
    file.write_text(SMALL.replace("[0.0001, 0.5]", "[0.0001, 0.5]\n").replace("seeds = 2", "seeds = 100"))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tui_nn", "study", str(file), "--epochs", "20", *json_option],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        told = process.stderr if json_option else process.stdout
        assert told is not None
        try:
            next(line for line in told if line.startswith("run   3 of 200"))
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    if json_option:
        result = strictly(out.splitlines()[-1])
        assert result["complete"] is False
        assert 3 <= sum(len(row["seeds"]) for row in result["rows"]) < 200
    else:
        assert re.search(r"^Interrupted: \d+ of 200 runs\.$", out, re.MULTILINE)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_a_download_is_shown_and_can_be_interrupted(
    json_option: list[str], tmp_path: Path, mirrors: Any, program_from: Callable[..., str]
):
    file = tmp_path / "remote.toml"
    file.write_text(SMALL.replace("iris", "mnist").replace("Linear(6), ReLU, Linear(3)", "Flatten, Linear(10)"))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "TUI_NN_DATA": str(tmp_path / "data")}
    program = program_from(mirrors.add("stalls", mirrors.stall(300)))
    with subprocess.Popen(
        [sys.executable, "-c", program, "study", str(file), *json_option],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        told = process.stderr if json_option else process.stdout
        assert told is not None
        try:
            line = next(line for line in told if line.startswith("downloading"))
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=40)  # before the server lets go
        finally:
            process.kill()
    assert re.match(r"downloading mnist: 0\.0 of \d+\.\d+ MB.* from \S+$", line)
    assert process.returncode == 130
    assert "Traceback" not in err
    if json_option:
        result = strictly(out.splitlines()[-1])
        assert (result["complete"], result["rows"]) == (False, [])
    else:
        assert "Interrupted: 0 of 4 runs." in out.splitlines()


def test_a_target_that_some_runs_reach_says_how_many(small: str):
    plan = read_study(small)
    low, high = plan.cases
    found = [
        Outcome(low.label, 0, {"reached": 3.0}, (1.0, 2.0, 3.0), (0.1, 0.2, 0.7)),
        Outcome(low.label, 1, {}, (1.0, 2.0, 3.0), (0.1, 0.2, 0.3)),
        Outcome(high.label, 0, {"reached": 1.0}, (1.0, 2.0, 3.0), (0.7, 0.7, 0.7)),
        Outcome(high.label, 1, {"reached": 2.0}, (1.0, 2.0, 3.0), (0.1, 0.7, 0.7)),
    ]
    first, second = table(gather(plan, found, 1.0), 100)[1:3]
    assert first.endswith("3 (1 of 2)")
    assert second.endswith("1.5 ± 0.71 *")


def test_losses_stand_on_a_log_axis_and_what_is_not_above_zero_is_left_out(tmp_path: Path):
    (tmp_path / "wild.toml").write_text(WILD)
    plan = read_study(str(tmp_path / "wild.toml"))
    places = tuple(float(x) for x in range(1, 6))
    found = [
        Outcome("calm", 0, {}, places, (1.0, 0.1, 0.01, 0.001, 0.0001)),
        Outcome("wild", 0, {}, places, (0.0, 0.0, 0.0, 0.0, 0.0)),
    ]
    lines = curves(gather(plan, found, 1.0), 60)
    for decade in ("0.1", "0.01", "0.001"):
        assert any(line.split("┤")[0].strip() == decade for line in lines)
    rows = [re.split("[│┤]", line)[1] for line in lines[2:-3]]
    where = [row.index("o") for row in rows if "o" in row]
    # Powers of ten at even places are a straight line, from one corner to the other.
    assert len(where) > 10
    steps = [after - before for before, after in pairwise(where)][1:-1]
    assert max(steps) - min(steps) <= 2
    assert not any("x" in row for row in rows)
