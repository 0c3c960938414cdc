"""Programs stand still and go on; what they tell is put down to the time in which they went on."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import turns
from benchmarks.turns import Report, halter, kept, mean_rate, take_turns, turn_rates

LIMIT_S = 30.0


@given(
    lengths=st.lists(st.floats(0.5, 2.0), min_size=6, max_size=30),
    gap=st.floats(0.0, 5.0),
    steps_per_second=st.floats(1.0, 1e5),
    every=st.floats(0.01, 0.7),
)
def test_time_in_which_a_program_stood_still_does_not_count(
    lengths: list[float], gap: float, steps_per_second: float, every: float
):
    begins = 100.0 + np.cumsum([0.0, *lengths[:-1]]) + gap * np.arange(len(lengths))
    spans = [(begin, begin + length) for begin, length in zip(begins, lengths, strict=True)]
    own = np.arange(0.0, sum(lengths), every)
    before = np.concatenate([[0.0], np.cumsum(lengths)])
    turn = np.searchsorted(before, own, side="right") - 1
    times = begins[turn] + own - before[turn]
    reports = [
        (10.0, 1.0),
        *zip(times, 50 + steps_per_second * own, strict=True),
    ]  # the first one is of the time before
    rates = turn_rates(reports, spans)
    # All but what is not told of: the last turns, of which nothing came in time.
    assert rates[:-2] == pytest.approx([steps_per_second] * (len(spans) - 2), rel=1e-6)
    assert len(rates) == len(spans)
    assert mean_rate(rates) == pytest.approx(steps_per_second, rel=1e-6)


@given(st.floats(0.0, 3.0), st.floats(0.1, 0.6), st.lists(st.floats(1.0, 3.0), min_size=4, max_size=20))
def test_what_a_turn_begins_with_does_not_count(slowness: float, warm_s: float, lengths: list[float]):
    """Steps of 10 ms but for the first ones, by which a program comes back."""
    begins = 100.0 + np.cumsum([0.0, *lengths[:-1]]) + 2.0 * np.arange(len(lengths))
    spans = [(begin, begin + length) for begin, length in zip(begins, lengths, strict=True)]
    reports, steps = [], 0.0
    for begin, end in spans:
        for after in np.arange(0.0, end - begin, 0.01):
            told = slowness * min(after, warm_s) + max(after - warm_s, 0.0)
            reports.append((begin + after, steps + 100 * told))
        steps += 100 * (slowness * warm_s + end - begin - warm_s)
    rates = turn_rates(reports, spans, warm_s)
    assert rates[:-1] == pytest.approx([100.0] * (len(spans) - 1), rel=0.05)


def test_what_comes_late_belongs_to_the_turn_before():
    spans = [(0.0, 1.0), (3.0, 4.0), (6.0, 7.0), (9.0, 10.0)]
    reports = [(0.0, 0.0), (1.4, 10.0), (4.2, 20.0), (6.999, 29.99), (9.5, 35.0)]
    assert turn_rates(reports, spans) == pytest.approx([10.0, 10.0, 10.0, np.nan], rel=1e-3, nan_ok=True)


@given(share=st.floats(0.5, 1.5), noise=st.integers(0, 2**32 - 1), slow=st.integers(0, 4))
def test_turns_in_which_the_cores_were_far_apart_do_not_move_what_is_kept(share: float, noise: int, slow: int):
    random = np.random.default_rng(noise)
    other = 1000 * random.uniform(0.99, 1.01, 20)
    own = share * other
    other[random.choice(20, slow, replace=False)] *= 0.4
    own[random.choice(20, slow, replace=False)] *= 0.4
    own[3] = np.nan
    assert kept(own, other) == pytest.approx(share, rel=1e-6)


COUNTING = "import sys, time\nn = 0\nwhile True:\n    n += 1\n    print(n, flush=True)\n    time.sleep(0.001)"


class Counting:
    """A program that counts into a file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seen: list[Report] = []
        self.pids: list[int] = []

    def __enter__(self) -> "Counting":
        self.seen = []
        with self.file.open("w") as output:
            self._program = subprocess.Popen([sys.executable, "-c", COUNTING], stdout=output)
        self.pid = self._program.pid
        self.pids.append(self.pid)
        wait(lambda: self.count > 0)
        return self

    def __exit__(self, *error: object) -> None:
        self._program.kill()
        self._program.wait()

    @property
    def count(self) -> int:
        return len(self.file.read_text().splitlines())

    def go_on(self, seconds: float) -> None:
        self.seen.append((perf_counter(), float(self.count)))
        began = self.count
        wait(lambda: self.count > began)
        self.seen.append((perf_counter(), float(self.count)))

    def reports(self) -> list[Report]:
        return self.seen


def wait(until: Callable[[], bool]) -> None:
    end = monotonic() + LIMIT_S
    while not until():
        assert monotonic() < end
        sleep(0.001)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize("freezer", [True, False])
def test_what_is_halted_does_nothing_and_then_goes_on(freezer: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    if not freezer:
        monkeypatch.setattr(turns, "_freezer", lambda pid: None)
    with Counting(tmp_path / "count") as program:
        with halter(program.pid) as halt:
            for _ in range(3):
                halt(True)
                sleep(0.02)  # until a signal has come, where there is no freezer
                stood = program.count
                sleep(0.05)
                assert program.count == stood
                halt(False)
                wait(lambda stood=stood: program.count > stood)
            halt(True)
            stood = program.count
        wait(lambda: program.count > stood)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_programs_take_turns_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "TURNS", 4)
    programs: list[Any] = [Counting(tmp_path / name) for name in ("one", "two")]
    told: list[str] = []
    one, two = take_turns(programs, 3, told.append)
    assert len(one) == len(two) == len(told) == 3
    assert all(program.seen for program in programs)
    alternate = sorted((time, name) for name, program in enumerate(programs) for time, _ in program.seen)
    assert {name for _, name in alternate} == {0, 1}
    for program in programs:
        assert len(set(program.pids)) == 3, "each round has programs of its own"
        assert program._program.poll() is not None


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_a_round_leaves_out_what_its_turns_begin_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock = [0.0]
    monkeypatch.setattr(turns, "perf_counter", lambda: clock[0])

    class Returning(Counting):
        """Takes a step each 10 ms, but none when it has just gone on, and tells of them each 0.2 s."""

        def __init__(self, file: Path, none_s: float) -> None:
            super().__init__(file)
            self.none_s, self.steps, self.ticks = none_s, 0, 0

        def go_on(self, seconds: float) -> None:
            for tick in range(round(seconds * 100)):
                if self.ticks % 20 == 0:
                    self.seen.append((clock[0], float(self.steps)))
                self.ticks += 1
                self.steps += tick >= 100 * self.none_s
                clock[0] += 0.01

    programs: list[Any] = [Returning(tmp_path / "one", 0.2), Returning(tmp_path / "two", 0.0)]
    one, two = take_turns(programs, 1, lambda what: None)
    assert kept(one[0], two[0]) == pytest.approx(1.0, abs=0.01)
