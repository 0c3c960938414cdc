from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.training.commands import MapBoundary
from tui_nn.look import LEAST_S, PATIENCE_S, SHARE, Look

WISH, OTHER = MapBoundary(10, 10), MapBoundary(12, 10)


def run(step: int, started: object = WISH) -> Any:
    return SimpleNamespace(step=step, started=started)


def answer(seconds: float = 0.001) -> Any:
    return SimpleNamespace(seconds=seconds)


def test_nothing_is_asked_before_the_run_has_begun():
    assert not Look().due(WISH, run(0, None), None, 0.0)


def test_something_new_is_asked_for_at_once():
    look = Look()
    assert look.due(WISH, run(1), None, 0.0)
    assert look.due(OTHER, run(1), None, 0.0)
    assert look.due(OTHER, run(1, object()), None, 0.0)


def test_what_rests_is_not_asked_for_again():
    look = Look()
    assert look.due(WISH, run(1), None, 0.0)
    assert not any(look.due(WISH, run(1), answer(), time) for time in (1.0, 10.0, 1000.0))
    assert look.due(WISH, run(2), answer(), 1001.0)


def test_no_answer_is_waited_for_but_not_for_ever():
    look, before = Look(), answer()
    assert look.due(WISH, run(1), before, 0.0)
    assert not look.due(WISH, run(2), before, PATIENCE_S - 0.1)
    assert look.due(WISH, run(2), before, PATIENCE_S + 0.1)


@given(st.floats(0, 0.3))
def test_looks_take_a_share_of_the_time_at_most(seconds: float):
    look, asked, time, step = Look(), 0, 0.0, 0
    while time < 60:
        step += 1
        asked += look.due(WISH, run(step), answer(seconds), time)
        time += 0.02
    assert asked * seconds <= 60 * SHARE + seconds
    assert asked <= 60 / LEAST_S + 1
    if seconds < 0.009:
        assert asked > 2 * 60
