from math import inf
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.commands import MapBoundary
from tui_nn.look import PATIENCE_S, SHARE, Look

LEAST_S = 0.4
WISH, OTHER = MapBoundary(10, 10), MapBoundary(12, 10)


def run(step: int, started: object = WISH) -> Any:
    return SimpleNamespace(step=step, started=started)


def answer(seconds: float = 0.001) -> Any:
    return SimpleNamespace(seconds=seconds)


def due(look: Look, *about: Any) -> bool:
    return look.wait(*about) == 0


def test_nothing_is_asked_before_the_run_has_begun():
    assert Look(LEAST_S).wait(WISH, run(0, None), None, 0.0) == inf


def test_something_new_is_asked_for_at_once():
    look = Look(LEAST_S)
    assert due(look, WISH, run(1), None, 0.0)
    assert due(look, OTHER, run(1), None, 0.0)
    assert due(look, OTHER, run(1, object()), None, 0.0)


def test_what_rests_is_not_asked_for_again():
    look = Look(LEAST_S)
    assert due(look, WISH, run(1), None, 0.0)
    assert {look.wait(WISH, run(1), answer(), time) for time in (1.0, 10.0, 1000.0)} == {inf}
    assert due(look, WISH, run(2), answer(), 1001.0)


def test_the_next_look_is_told_to_the_second():
    look = Look(LEAST_S)
    assert due(look, WISH, run(1), None, 10.0)
    assert look.wait(WISH, run(2), answer(), 10.1) == pytest.approx(LEAST_S - 0.1)
    assert look.wait(WISH, run(2), answer(SHARE), 10.1) == pytest.approx(0.9)


def test_no_answer_is_waited_for_but_not_for_ever():
    look, before = Look(LEAST_S), answer()
    assert due(look, WISH, run(1), before, 0.0)
    assert look.wait(WISH, run(2), before, PATIENCE_S - 0.1) == pytest.approx(0.1)
    assert due(look, WISH, run(2), before, PATIENCE_S + 0.1)


def test_what_takes_long_can_be_waited_for_without_end():
    look, before = Look(LEAST_S, patience_s=inf), answer()
    assert due(look, WISH, run(1), before, 0.0)
    assert look.wait(WISH, run(2), before, 1e6) == inf
    assert due(look, WISH, run(2), answer(), 1e6)


@given(st.floats(0, 0.3))
def test_looks_take_a_share_of_the_time_at_most(seconds: float):
    look, asked, time, step = Look(LEAST_S), 0, 0.0, 0
    while time < 60:
        step += 1
        wait = look.wait(WISH, run(step), answer(seconds), time)
        asked += wait == 0
        time += wait or 0.02
    assert asked * seconds <= 60 * SHARE + seconds
    assert asked <= 60 / LEAST_S + 1
    if seconds < 0.01:
        assert asked > 2 * 60


def test_of_what_changes_all_the_time_one_at_a_time_is_asked_for():
    look, first, second = Look(LEAST_S, between_s=0.05), answer(), answer()
    assert due(look, WISH, run(1), None, 0.0)
    assert look.wait(OTHER, run(1), None, 0.1) == pytest.approx(PATIENCE_S - 0.1)
    assert due(look, OTHER, run(1), first, 0.1)
    assert look.wait(WISH, run(1), second, 0.12) == pytest.approx(0.03)
    assert due(look, WISH, run(1), second, 0.16)
    assert due(look, OTHER, run(1), second, 0.16 + PATIENCE_S)
    assert due(look, WISH, run(1, object()), second, 0.2 + PATIENCE_S)


@given(st.lists(st.tuples(st.floats(0.001, 0.02), st.booleans()), min_size=1, max_size=200))
def test_the_last_of_many_changes_is_asked_for_whatever_came_between(moments: list[tuple[float, bool]]):
    """Each moment the drawing changes, and the answer to what is under way may come."""
    look, time, shown, under_way, asked = Look(LEAST_S, between_s=0.05), 0.0, None, 0, 0
    last = None
    for change, (seconds, answered) in enumerate([*moments, *[(0.05, True)] * 3]):
        time += seconds
        if answered and under_way:
            shown, under_way = answer(), 0
        last = MapBoundary(min(change, len(moments)), 1)
        if look.wait(last, run(1), shown, time) == 0:
            assert not under_way
            under_way, asked, newest = 1, asked + 1, last
    assert newest == last
    assert asked <= time / 0.05 + 1


@given(st.floats(0.001, 0.5))
def test_what_goes_on_is_looked_at_in_its_share_of_the_time_and_at_once_when_it_ends(seconds: float):
    look, asked, time, number = Look(LEAST_S, 0.04), 0, 0.0, 0
    while time < 30:
        number += 1
        wait = look.wait(MapBoundary(number, 10), run(1), answer(seconds), time, goes_on=True)
        asked += wait == 0
        time += wait or 0.02
    assert asked * seconds <= 30 * SHARE + seconds
    assert look.wait(WISH, run(1), answer(seconds), time + 0.04) == 0
