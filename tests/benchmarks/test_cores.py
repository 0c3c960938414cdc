"""Which runs count, by where the cores were before and after each."""

from collections.abc import Sequence

import pytest

from benchmarks import cores
from benchmarks.cores import TRIES, Steady


def looks(monkeypatch: pytest.MonkeyPatch, usual: Sequence[bool]) -> None:
    """The cores are as usual or not, look by look; after these they are not."""
    told = iter(usual)
    monkeypatch.setattr(cores, "_usual", lambda: next(told, False))
    monkeypatch.setattr(cores, "sleep", lambda _: None)


@pytest.mark.parametrize(
    ("usual", "run"),
    [([True, True], 0), ([False, False, True, True], 0), ([True, False, True, True], 1)],
)
def test_a_run_counts_where_the_cores_are_as_usual_before_and_after(
    usual: list[bool], run: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    looks(monkeypatch, usual)
    steady, runs = Steady(), iter(range(100))
    assert steady(lambda: next(runs)) == run
    assert steady.unchecked == 0
    assert capsys.readouterr().err == ""


def test_a_run_that_was_never_checked_is_told_and_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    looks(monkeypatch, [])
    steady, runs = Steady(), iter(range(100))
    assert [steady(lambda: next(runs)) for _ in range(2)] == [0, 1]
    assert steady.unchecked == 2
    assert capsys.readouterr().err.count(f"not as usual in {TRIES} tries") == 2
