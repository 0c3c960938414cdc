"""`tui-nn replay`, and the dashboard's own log of commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from engine.training import commands as c
from engine.training.command_log import log_path, read_log
from tui_nn.cli import run

OpenApp = Callable[..., Any]
FEW = ["--model", "Flatten, Linear(8), ReLU, Linear(10)", "--epochs", "1", "--samples", "200", "--dataset", "mnist-5k"]


def weights(path: Path) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in load_file(path).items()}


async def test_what_was_done_on_the_dashboard_is_done_again(
    open_app: OpenApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.step > 20)
        await ui.press("right", "right")
        await ui.until(lambda: ui.run.change_steps and ui.run.step > 100)
        ui.app.send(c.SetActivation("1", "Tanh"))
        await ui.until(lambda: ui.run.started.layers[0].activation == "Tanh")
        step = ui.run.step
        ui.app.send(c.Freeze("3"))
        await ui.until(lambda: ui.run.step > step + 50)
        await ui.press("u")
        await ui.until(lambda: ui.run.before is not None)
        await ui.press("x")
        await ui.until(lambda: ui.run.phase == "ended")
        checkpoint = ui.app.session.checkpoint
    again = tmp_path / "again.safetensors"
    assert run(["replay", str(log_path(checkpoint)), "--checkpoint", str(again)]) == 0
    told = capsys.readouterr().out
    assert weights(again) == weights(checkpoint)
    assert "activation of 1 Linear(16) changed from ReLU to Tanh" in told
    assert "undone: back from step" in told
    assert f"the same weights to the bit: sha256 {read_log(checkpoint).ended[-1].weights}" in told.splitlines()


def test_a_plain_run_is_replayed_by_the_name_of_its_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    first = tmp_path / "first.safetensors"
    assert run(["train", *FEW, "--checkpoint", str(first)]) == 0
    assert run(["replay", str(first), "--checkpoint", str(tmp_path / "b.safetensors"), "--json"]) == 0
    told = capsys.readouterr()
    assert "the same weights to the bit" in told.err
    assert told.out.splitlines()[-1].startswith("{")
    assert weights(first) == weights(tmp_path / "b.safetensors")


def test_other_weights_are_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    first = tmp_path / "first.safetensors"
    assert run(["train", *FEW, "--checkpoint", str(first)]) == 0
    log = log_path(first)
    log.write_bytes(log.read_bytes().replace(b'"seed":0', b'"seed":1'))
    assert run(["replay", str(log), "--checkpoint", str(tmp_path / "b.safetensors")]) == 1
    assert "are others" in capsys.readouterr().err


def test_a_log_without_an_end_has_nothing_to_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    first = tmp_path / "first.safetensors"
    assert run(["train", *FEW, "--checkpoint", str(first)]) == 0
    log = log_path(first)
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
    assert run(["replay", str(log), "--checkpoint", str(tmp_path / "b.safetensors")]) == 0
    assert "has no end to compare with" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "words"), [("none.jsonl", "no such file"), ("none.safetensors", "no such file")])
def test_a_log_that_is_not_there_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, words: str
):
    assert run(["replay", str(tmp_path / name)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert line.startswith("tui-nn: log of commands")
