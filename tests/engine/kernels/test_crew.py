"""The crew does every chunk of a job once, and the groups in their order, whoever is awake."""

import sys
import threading
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import interpreter, spare_core
from engine.kernels.compiled import phase
from engine.kernels.crew import Crew, Job, Segment
from engine.kernels.intrinsics import atomic_load, fetch_add
from engine.kernels.operands import integers, number, table_of

BEGAN, ENDED, VISITS, THREAD = range(4)
LIMIT_S = 30.0


@phase
def stamp(t, chunk, thread):
    """When a chunk begins and ends, by a clock that all share; how often it was done, and by whom."""
    clock, log, work = integers(t, 0), integers(t, 1), number(t, 2)
    at = log[4 * chunk :]
    fetch_add(at.ctypes.data + 8 * VISITS, 1)
    at[BEGAN] = fetch_add(clock.ctypes.data, 1)
    for _ in range(work * (chunk % 3)):
        fetch_add(clock.ctypes.data, 1)
    at[THREAD] = thread
    at[ENDED] = fetch_add(clock.ctypes.data, 1)


class Log:
    """A job of such chunks, in groups of segments, and what it left."""

    def __init__(self, groups: list[list[int]], work: int = 3) -> None:
        self.clock = np.zeros(1, np.int64)
        self.logs = [[np.full((chunks, 4), -1, np.int64) for chunks in group] for group in groups]
        segments = [
            [Segment(stamp, table_of([self.clock, log.reshape(-1), work]), len(log)) for log in group]
            for group in self.logs
        ]
        self.job = Job(segments)

    def clear(self) -> None:
        self.clock[0] = 0
        for log in (log for group in self.logs for log in group):
            log[:], log[:, VISITS] = -1, 0

    @property
    def rows(self) -> list[np.ndarray]:
        """What was noted of the chunks of each group that has any."""
        return [np.concatenate(group) for group in self.logs if sum(map(len, group))]

    def assert_done(self, threads: int) -> None:
        ended = -1
        for rows in self.rows:
            assert (rows[:, VISITS] == 1).all()
            assert rows[:, BEGAN].min() > ended, "a group began before the one before it was done"
            ended = rows[:, ENDED].max()
            for thread in range(threads):
                own = rows[rows[:, THREAD] == thread]
                own = own[own[:, BEGAN].argsort()]
                assert (own[1:, BEGAN] > own[:-1, ENDED]).all(), "two chunks at a time had the same thread's number"
        everyone = np.concatenate([rows[:, THREAD] for rows in self.rows]) if self.rows else np.zeros(0)
        assert set(everyone) <= set(range(threads))


def run(crew: Crew, log: Log) -> Log:
    log.clear()
    crew.run(log.job)
    log.assert_done(crew.threads)
    return log


def wait_until_all_sleep(crew: Crew) -> None:
    end = monotonic() + LIMIT_S
    while crew._asleep < crew.threads - 1:
        assert monotonic() < end, "the threads stay awake"
        sleep(0.001)


GROUPS = st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=6)


@pytest.mark.parametrize("threads", [1, 2, 3, 6])
@settings(max_examples=30)
@given(groups=GROUPS)
def test_every_chunk_is_done_once_and_the_groups_in_order(threads: int, groups: list[list[int]]):
    with Crew(threads) as crew:
        log = Log(groups)
        for _ in range(5):
            run(crew, log)


@pytest.mark.parametrize("threads", range(1, 7))
def test_thousands_of_jobs(threads: int):
    logs = [Log([[1], [7, 2], [1, 1, 1], [16]]), Log([[3]]), Log([[1]] * 12), Log([[5, 5], []])]
    with Crew(threads) as crew:
        for turn in range(1000):
            run(crew, logs[turn % len(logs)])


@pytest.mark.parametrize("threads", [2, 4, 6])
def test_jobs_that_follow_at_once_do_not_run_into_one_another(threads: int):
    # Of different lengths: whoever is still at the last job would take the next one's chunks for those of the last.
    logs = [Log([[5]], work=0), Log([[1]], work=0), Log([[1], [3, 1], [2]], work=0), Log([[4], [1]], work=40)]
    for log in logs:
        log.clear()
    with Crew(threads) as crew:
        for _ in range(8000):
            for log in logs:
                crew.run(log.job)
    for rows in (rows for log in logs for rows in log.rows):
        assert (rows[:, VISITS] == 8000).all()


def test_far_more_segments_than_threads():
    with Crew(3) as crew:
        log = Log([[chunks % 4 for chunks in range(500)], [2] * 300])
        for _ in range(5):
            run(crew, log)


def test_jobs_of_nothing():
    with Crew(2) as crew:
        for groups in ([], [[]], [[0], [0, 0]], [[], [0], [3], [0]]):
            run(crew, Log(groups))


def test_as_many_groups_as_it_was_made_for():
    with Crew(2, most_groups=40) as crew:
        run(crew, Log([[2]] * 40))


def test_a_job_of_more_groups_than_it_was_made_for_is_refused_or_done(monkeypatch: pytest.MonkeyPatch):
    # What lies behind the crew's memory is this test's own.
    memory = np.zeros(10_000, np.int64)
    sizes: list[int] = []
    monkeypatch.setattr("engine.kernels.crew.np.zeros", lambda size, dtype: sizes.append(size) or memory)
    crew = Crew(1, most_groups=2)
    monkeypatch.undo()
    log = Log([[1]] * 20)
    log.clear()
    try:
        crew.run(log.job)
    except ValueError:
        pass
    else:
        log.assert_done(1)
    assert not memory[sizes[0] :].any()


@pytest.mark.parametrize("threads", [2, 4])
def test_sleepers_are_woken_and_take_part_again(threads: int):
    log = Log([[8, 8], [30]], work=400)
    with Crew(threads) as crew:
        for _ in range(3):
            wait_until_all_sleep(crew)
            run(crew, log)
            end, helped = monotonic() + LIMIT_S, False
            while not helped:
                assert monotonic() < end, "the caller does all the work"
                helped = any((rows[:, THREAD] > 0).any() for rows in run(crew, log).rows)


def helpers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("crew-")]


@pytest.mark.parametrize("asleep", [False, True])
def test_closing_ends_the_threads(asleep: bool):
    before = set(helpers())
    crew = Crew(4)
    assert len(set(helpers()) - before) == 3
    run(crew, Log([[5]]))
    if asleep:
        wait_until_all_sleep(crew)
    crew.close()
    assert set(helpers()) == before


def test_leaving_by_an_error_ends_the_threads():
    before = set(helpers())

    def fail() -> None:
        with Crew(3):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert set(helpers()) == before


def test_two_crews_side_by_side():
    logs = [Log([[4, 4], [1], [9]]) for _ in range(2)]
    with Crew(2) as one, Crew(3) as other:
        for _ in range(100):
            run(one, logs[0])
            run(other, logs[1])


def test_a_job_names_its_phases_once_and_leaves_out_empty_groups():
    segment: Any = Segment(stamp, table_of([1]), 2)
    job = Job([[segment], [], [segment, segment]])
    assert job.phases == [stamp]
    assert len(job.groups) == 2


def test_while_a_core_is_wanted_the_leader_does_it_all_and_then_no_longer():
    log = Log([[8]] * 40, work=200)
    with Crew(2) as crew:
        try:
            spare_core.want(True)
            run(crew, log)  # whoever was at it leaves after its chunk
            for _ in range(20):
                run(crew, log)
            assert {thread for rows in log.rows for thread in rows[:, THREAD]} == {0}
        finally:
            spare_core.want(False)
        end = monotonic() + LIMIT_S
        while not any((rows[:, THREAD] == 1).any() for rows in run(crew, log).rows):
            assert monotonic() < end, "the other thread does not come back"


def test_a_crew_is_closed_while_a_core_is_wanted():
    try:
        with Crew(3) as crew:
            run(crew, Log([[5]]))
            spare_core.want(True)
            run(crew, Log([[5]]))
    finally:
        spare_core.want(False)
    assert not any(helper.is_alive() for helper in crew._helpers)


def test_while_a_job_is_done_others_are_asked_for_the_interpreter_soon_and_afterwards_as_before(
    monkeypatch: pytest.MonkeyPatch,
):
    before = interpreter.held_s, interpreter.asked_s
    set_interval, intervals = sys.setswitchinterval, []
    monkeypatch.setattr(sys, "setswitchinterval", lambda seconds: intervals.append(seconds) or set_interval(seconds))
    try:
        interpreter.share(held=0.003, asked=0.0001)
        with Crew(1) as crew:
            crew.run(Log([[1]]).job)
        assert intervals == [0.003, 0.0001, 0.003]
    finally:
        interpreter.share(*before)


@phase
def note_at_work(t, chunk, thread):
    """By whom a chunk is done, and how many threads are told to be at work meanwhile."""
    address, log = number(t, 0), integers(t, 1)
    log[2 * chunk] = thread
    log[2 * chunk + 1] = atomic_load(address)
    for _ in range(2000):
        fetch_add(log.ctypes.data + 8 * (log.size - 1), 1)


def test_threads_that_step_aside_are_counted_while_they_are_at_work():
    log = np.zeros(2 * 40 + 1, np.int64)
    job = Job([[Segment(note_at_work, table_of([spare_core.AT_WORK, log]), 40)]])
    seen: set[int] = set()
    with Crew(3) as crew:
        end = monotonic() + LIMIT_S
        while not seen:
            assert monotonic() < end, "no other thread has done a chunk"
            crew.run(job)
            rows = log[:-1].reshape(-1, 2)
            seen = set(rows[rows[:, 0] > 0, 1].tolist())
    assert seen <= {1, 2}
    assert spare_core.at_work() == 0
