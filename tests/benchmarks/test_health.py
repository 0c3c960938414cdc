"""What is told of runs that are well, and of what the diagnosis costs; how fast it is, is measured by hand."""

import json
from pathlib import Path

import pytest

from benchmarks.health import Outcome, Raised, diagnose, main, measure_cost, summary
from engine.health.verdict import Verdict

AMBER = Verdict("stalled", "amber", "", 20, 0.0, 0.001, "another learning rate")


def test_an_amber_verdict_that_ends_within_the_first_epoch_is_not_late():
    outcomes = [Outcome("spiral", 0, 29, [Raised(AMBER, 25, cleared)], 1.0) for cleared in (28, 29, 30, None)] + [
        Outcome("spiral", 1, 29, [], 0.5)
    ]
    assert [outcome.late for outcome in outcomes] == [0, 0, 1, 1, 0]
    assert summary(outcomes) == {"seeds": 5, "red": 0, "late": 2, "accuracy": pytest.approx(0.9)}


def test_an_ill_run_is_told_with_what_cleared(tmp_path: Path):
    outcome = diagnose("too-fast", 0, tmp_path, epochs=1)
    assert outcome.red > 0
    assert {raised.verdict.rule for raised in outcome.verdicts} >= {"learning_rate", "saturation"}


def test_each_step_and_each_look_is_counted(tmp_path: Path):
    share = measure_cost("spiral", tmp_path, epochs=3)
    assert share.ran == 3 * 29
    assert share.diagnosis > 0
    assert 0 < share.share < 10


def test_the_cost_is_a_row_for_each_preset(capsys: pytest.CaptureFixture[str]):
    assert main(["--cost", "--presets", "xor", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)["xor"]
    assert found["share"] == pytest.approx(found["diagnosis"] / found["steps"])
