"""One frame in flight, and the budget; the clock is the test's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.link.pace import (
    CHUNK_S,
    DEAF_FRAME_S,
    DEBT_S,
    FIRST_PATIENCE_S,
    LEAST_CHUNK,
    PATIENCE_S,
    SAVED_S,
    SPAN_S,
    USED,
    Pace,
    budget,
)


def test_a_budget_grows_with_the_terminal_but_a_slow_link_does_not():
    assert budget("normal", 120, 40) == 10 * 1024
    assert budget("normal", 60, 20) == 10 * 1024
    assert budget("normal", 200, 60) == 25 * 1024
    assert budget("slow", 120, 40) == budget("slow", 200, 60) == 2048


def test_the_next_frame_waits_for_the_answer():
    pace = Pace(10_000)
    assert pace.wait_s(0.0, urgent=True) == 0
    assert pace.asks(0.0)
    pace.sent(100, 0.0, asked=True)
    assert not pace.asks(0.1)
    assert pace.in_flight
    assert pace.wait_s(0.1, urgent=True) == pytest.approx(FIRST_PATIENCE_S - 0.1)
    pace.answered(0.2)
    assert not pace.in_flight
    assert pace.wait_s(0.2, urgent=True) == 0


def test_what_answers_a_key_does_not_wait_for_the_budget():
    pace = Pace(1000)
    pace.sent(3000, 0.0, asked=True)
    pace.answered(0.1)
    assert pace.wait_s(0.1, urgent=True) == 0
    assert pace.wait_s(0.1, urgent=False) == pytest.approx(3 - SAVED_S - 0.1)


def test_what_was_overdrawn_is_made_up_for_but_not_for_minutes():
    pace = Pace(1000)
    for index in range(100):  # pages, one for each size of a window that is dragged
        pace.sent(5000, index * 0.01, asked=False, urgent=True)
    assert pace.wait_s(1.0, urgent=False) == pytest.approx(DEBT_S, abs=0.02)


def test_a_terminal_that_does_not_answer_gets_fewer_frames_until_it_does():
    pace = Pace(1e9)
    pace.sent(100, 0.0, asked=True)
    assert pace.wait_s(FIRST_PATIENCE_S, urgent=False) == 0
    assert pace.deaf
    pace.sent(100, FIRST_PATIENCE_S, asked=pace.asks(FIRST_PATIENCE_S))
    assert pace.wait_s(FIRST_PATIENCE_S, urgent=False) == pytest.approx(DEAF_FRAME_S)
    assert pace.wait_s(FIRST_PATIENCE_S, urgent=True) < DEAF_FRAME_S / 4
    assert not pace.figures(FIRST_PATIENCE_S).answers
    assert pace.asks(PATIENCE_S), "it is asked again at times"
    pace.answered(7.0)
    assert not pace.deaf
    pace.sent(100, 8.0, asked=True)
    # It has answered once: more patience from then on.
    assert pace.wait_s(8.0 + FIRST_PATIENCE_S, urgent=True) == pytest.approx(PATIENCE_S - FIRST_PATIENCE_S)


def test_a_frame_is_as_long_as_the_link_carries_in_time():
    pace = Pace(10_000)
    assert pace.chunk == int(10_000 * CHUNK_S)
    pace.sent(50, 0.0, asked=True)
    pace.answered(0.2)  # there and back: no word of the speed
    assert pace.chunk == int(10_000 * CHUNK_S)
    pace.sent(4000, 1.0, asked=True)
    pace.answered(2.2)  # 4000 bytes in a second
    assert pace.chunk == pytest.approx(4000 * CHUNK_S, abs=1)
    pace.sent(6000, 2.3, asked=True)
    pace.answered(2.3 + 0.2 + 6000 / 4000)
    assert pace.wait_s(4.0, urgent=True) == 0
    assert pace.wait_s(4.0, urgent=False) == pytest.approx(2.3 - SAVED_S + 6000 / (USED * 4000) - 4.0)
    for second in range(5, 30):
        pace.sent(300, second, asked=True)
        pace.answered(second + 0.9)
    assert pace.chunk == LEAST_CHUNK


@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=60), rate=st.sampled_from([500, 2048, 10240]))
def test_no_more_than_the_budget_is_sent_by_itself(sizes: list[int], rate: int):
    """Over any span from the start: the budget's share, what was saved before, and the one frame that went over it."""
    pace, now, total = Pace(rate), 0.0, 0
    for size in sizes:
        now += pace.wait_s(now, urgent=False)
        assert total <= rate * (now + SAVED_S) + 1e-6
        pace.sent(size, now, asked=True)
        total += size
        pace.answered(now + 0.001)


def test_figures_are_those_of_the_last_seconds():
    pace = Pace(10_000)
    for count in range(20):
        pace.sent(1000, count * 0.5, asked=False)
    figures = pace.figures(9.6)
    assert figures.bytes_per_second == pytest.approx(1000 * 8 / SPAN_S)
    assert figures.frames_per_second == pytest.approx(8 / SPAN_S)
    assert pace.figures(60.0).bytes_per_second == 0


def test_an_answer_that_lay_about_says_nothing_of_the_speed():
    timed, late = Pace(1e4), Pace(1e4)
    for pace in (timed, late):
        pace.sent(10_000, 0.0, asked=True)
        pace.answered(0.1)
        known = pace.chunk
        pace.sent(10_000, 1.0, asked=True)
        pace.answered(3.0, timed=pace is timed)
        assert not pace.in_flight
        assert (pace.chunk == known) == (pace is late)


def test_all_is_read_when_every_question_is_answered_and_nothing_came_behind_the_last():
    pace = Pace(1000)
    assert not pace.all_read, "nobody knows what it does"
    pace.sent(10, 0.0, asked=True)
    assert not pace.all_read
    pace.answered(0.1)
    assert pace.all_read
    pace.sent(10, 1.0, asked=True)
    pace.sent(10, 7.0, asked=True)  # it had been deaf
    pace.answered(7.1)
    assert not pace.all_read, "that was the first question"
    pace.answered(7.2)
    assert pace.all_read
    pace.sent(10, 8.0, asked=False)
    assert not pace.all_read
