import json

import pytest

from benchmarks import plots
from benchmarks.figures import Spread


def test_every_plot_is_drawn_and_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plots, "SIZES", {500: (56, 11), 40: (20, 6)})
    monkeypatch.setattr(plots, "LIMITS_MS", {500: {plots.LINE: 1e9}})
    assert plots.main(["--rounds", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["plots"]
    assert told.keys() == plots.plots().keys()
    assert told["a line: 500 points, 56x11"]["limit_ms"] == 1e9
    assert told["a line: 40 points, 20x6"]["limit_ms"] is None


def test_a_plot_that_misses_its_target_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plots, "_time", lambda draw, rounds: Spread(2.0, 1.0, 4.0))
    assert plots.main(["--rounds", "1"]) == 1
    rows = capsys.readouterr().out.splitlines()
    missed = [row for row in rows if "MISSED" in row]
    assert len(missed) == 4
    assert all("56x11" in row for row in missed)


def test_targets_are_those_of_plots_that_are_drawn():
    assert plots.limits().keys() <= plots.plots().keys()
