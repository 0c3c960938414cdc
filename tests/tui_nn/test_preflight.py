import json
from typing import Any

import pytest

from engine.preflight import checks
from tui_nn.cli import run

SOUND = ("--model", "Flatten, Linear(32), Tanh, Linear(outputs)", "--init", "normal(0.03)")


def test_a_sound_configuration_is_a_list_of_ticks(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tui_nn.preflight.takes_unicode", lambda stream: True)
    assert run(["preflight", *SOUND]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:16].rstrip() for line in lines[:6]] == [f"✓ {name}" for name in checks.names()]
    assert lines[-1] == "6 checks, none failed"


def test_a_check_that_fails_is_told_with_advice_and_the_exit_status(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tui_nn.preflight.takes_unicode", lambda stream: False)
    assert run(["preflight", "--model", "Flatten, Linear(32), ReLU, Linear(outputs)", "--init", "normal(0.5)"]) == 1
    out = capsys.readouterr().out
    assert out.isascii()
    assert "x initial loss" in out
    assert "+ gradients" in out
    assert "smaller weights" in out
    assert "failed: initial loss" in out.splitlines()[-1]


def test_a_caution_is_told_and_keeps_nobody_on_the_ground(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tui_nn.preflight.takes_unicode", lambda stream: True)
    assert run(["preflight", "--preset", "mlp", "--dataset", "mnist-5k"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (place,) = [place for place, line in enumerate(lines) if line.startswith("! initial loss")]
    assert "last layer" in lines[place + 1]
    assert lines[-1] == "6 checks, none failed; to look at: initial loss"


def test_programs_get_json(capsys: pytest.CaptureFixture[str]):
    assert run(["preflight", "--preset", "spiral-hill-climbing", "--init", "zeros", "--json"]) == 0
    captured = capsys.readouterr()
    (line,) = captured.out.splitlines()
    found: dict[str, Any] = json.loads(line)
    assert found["passed"] is True
    assert [check["name"] for check in found["checks"]] == checks.names()
    assert {check["name"]: check["passed"] for check in found["checks"]}["gradients"] is None
    assert found["checks"][0]["figures"]["ratio"] == 1.0
    assert "gradients" in captured.err


@pytest.mark.parametrize("wrong", [("--model", "Flatten, Linear(3)"), ("--dataset", "no-such"), ("--lr", "x")])
def test_a_mistake_is_one_line(wrong: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
    assert run(["preflight", *wrong]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1


def test_data_that_cannot_be_had_is_a_failure(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    from engine.datasets import MissingData

    def fetch(*_: object) -> None:
        raise MissingData("mnist: cannot be downloaded")

    monkeypatch.setattr("engine.datasets.fetch", fetch)
    assert run(["preflight", "--dataset", "mnist"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "tui-nn: mnist: cannot be downloaded"
