from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.tally_history import Snapshot, TallyHistory, shares


def taken(count: int, capacity: int = 256) -> TallyHistory:
    history = TallyHistory(capacity)
    for step in range(count):
        history.append(10 * step, 0.0, 1.0, (step, 1))
    return history


@given(st.integers(0, 400), st.integers(2, 40), st.integers(0, 60))
def test_columns_are_snapshots_as_they_were_from_the_first_to_the_newest(count: int, capacity: int, wide: int):
    history = taken(count, capacity)
    columns = history.columns(wide)
    assert len(columns) <= wide
    assert len(history) <= capacity + 1
    steps = [item.step for item in columns]
    assert steps == sorted(set(steps))
    assert all(item.counts.tolist() == [item.step // 10, 1] for item in columns)
    if count and wide:
        assert steps[-1] == 10 * (count - 1)
    if count > 1 < wide:
        assert steps[0] == 0
        assert len(columns) >= min(count, wide, capacity) / 2


@given(st.integers(2, 200), st.integers(2, 60))
def test_what_was_drawn_stays_until_there_is_no_room(count: int, wide: int):
    before, after = (taken(n).columns(wide) for n in (count, count + 1))
    if len(after) >= len(before):
        assert [item.step for item in before[:-1]] == [item.step for item in after[: len(before) - 1]]
    else:
        assert {item.step for item in after[:-1]} <= {item.step for item in before}


def test_of_a_step_the_last_look_counts():
    history = TallyHistory()
    for high in (1.0, 2.0):
        history.append(5, 0.0, high, (1,))
    assert [item.high for item in history.columns(9)] == [2.0]


@given(st.integers(0, 60), st.integers(-1, 60))
def test_what_was_counted_after_a_step_is_forgotten(count: int, last: int):
    history = taken(count)
    history.forget_after(10 * last)
    assert [item.step for item in history.columns(99)] == [10 * n for n in range(count) if n <= last]


def snapshot(counts: list[int], low: float = 0.0, high: float = 1.0, **about: int) -> Snapshot:
    return Snapshot(1, low, high, np.array(counts, np.uint32), **about)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30))
def test_parts_that_are_bins_have_their_share(counts: list[int]):
    found = shares([snapshot(counts)], 0.0, 1.0, len(counts))[:, 0]
    np.testing.assert_allclose(found, np.array(counts) / max(sum(counts), 1))


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.integers(1, 5), st.floats(-3, 3), st.floats(0.1, 9))
def test_narrow_parts_are_parts_of_their_bin(counts: list[int], times: int, low: float, size: float):
    item = snapshot(counts, low, low + size)
    found = shares([item], low, low + size, len(counts) * times)[:, 0]
    np.testing.assert_allclose(found, np.repeat(counts, times) / max(sum(counts), 1) / times, atol=1e-12)


def test_a_wide_part_is_as_dense_as_its_fullest_bin():
    assert shares([snapshot([0, 8, 2, 0])], 0.0, 1.0, 2)[:, 0].tolist() == [1.0, 0.4]


def test_other_edges_leave_counts_where_they_were():
    found = shares([snapshot([4, 4], 0.0, 2.0), snapshot([4, 4], -1.0, 1.0)], -1.0, 3.0, 4)
    assert found.tolist() == [[0, 0.5], [0.5, 0.5], [0.5, 0], [0, 0]]


@pytest.mark.parametrize(
    ("about", "expected"),
    [({"under": 8}, [0.8, 0.1]), ({"over": 8}, [0.1, 0.8]), ({"not_finite": 1}, [0.5, np.nan])],
)
def test_what_lies_beyond_is_at_the_ends(about: Any, expected: list[float]):
    np.testing.assert_array_equal(shares([snapshot([1, 1], **about)], 0.0, 1.0, 2)[:, 0], expected)


def test_nothing_is_no_share():
    assert shares([], 0.0, 1.0, 3).shape == (3, 0)
    assert not shares([snapshot([0, 0])], 0.0, 1.0, 3).any()
