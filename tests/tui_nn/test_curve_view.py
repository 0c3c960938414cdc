from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.curve_view import CLOSEST, SMOOTHING, CurveView
from tui_nn.plots import Limits, linear_limits

RUNS = st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)).map(lambda ends: (float(min(ends)), float(max(ends))))
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("zoom"), st.sampled_from([0.5, 2.0]), st.none() | st.floats(0, 1)),
        st.tuples(st.just("pan"), st.floats(-2, 2), st.none()),
        st.tuples(st.just("cursor"), st.floats(-1, 1), st.none()),
        st.tuples(st.just("grow"), st.floats(0, 2), st.none()),
    ),
    max_size=30,
)


@given(RUNS, CHANGES)
def test_whatever_is_done_steps_of_the_run_are_shown_and_the_cursor_is_one_of_them(run: Limits, changes: list) -> None:
    view = CurveView()
    for kind, amount, place in changes:
        low, high = view.limits(run)
        if kind == "zoom":
            view.zoom(amount, run, None if place is None else low + place * (high - low))
        elif kind == "pan":
            view.pan(amount * (high - low), run)
        elif kind == "cursor":
            view.move_cursor(amount * (high - low), run)
            assert view.cursor is not None
            low, high = view.limits(run)
            slack = 1e-6 * (high - low)
            assert run[0] <= view.cursor <= run[1]
            assert low - slack <= view.cursor <= high + slack
        else:
            run = run[0], run[1] + float(ceil(amount * (run[1] - run[0])))
        low, high = view.limits(run)
        assert high - low >= CLOSEST * (1 - 1e-6)
        assert low <= run[1]
        assert high >= run[0]


def test_the_whole_run_has_limits_that_move_in_steps() -> None:
    view = CurveView()
    assert view.limits((0.0, 0.0)) == (0.0, 10.0)
    assert len({view.limits((0.0, float(step))) for step in range(1000, 2000)}) <= 10


def test_zooming_in_goes_to_the_newest_step_and_follows_it_in_steps() -> None:
    view = CurveView()
    view.zoom(0.5, (0.0, 1000.0))
    assert view.limits((0.0, 1000.0)) == (500.0, 1000.0)
    shown = [view.limits((0.0, float(step))) for step in range(1000, 1500)]
    assert all(high >= step and high - low == 500 for step, (low, high) in zip(range(1000, 1500), shown, strict=True))
    assert len(set(shown)) == 11


def test_a_window_in_the_past_stays_there() -> None:
    view = CurveView()
    view.zoom(0.5, (0.0, 1000.0))
    view.pan(-200, (0.0, 1000.0))
    assert view.limits((0.0, 1000.0)) == view.limits((0.0, 5000.0)) == (300.0, 800.0)
    view.pan(1e9, (0.0, 1000.0))
    assert view.limits((0.0, 1000.0)) == (500.0, 1000.0)
    assert view.limits((0.0, 1010.0)) == (550.0, 1050.0)


@given(st.floats(0, 1000), st.sampled_from([0.5, 0.25]))
def test_zooming_leaves_the_cursor_where_it_is_on_the_screen(cursor: float, factor: float) -> None:
    run = (0.0, 1000.0)
    view = CurveView(cursor=cursor)
    before = view.limits(run)
    view.zoom(factor, run)
    after = view.limits(run)
    share = [(cursor - low) / (high - low) for low, high in (before, after)]
    assert share[1] == pytest.approx(share[0], abs=1e-6)
    view.zoom(1 / factor, run)
    assert view.limits(run) == before


def test_the_cursor_appears_at_the_newest_step_and_takes_the_window_along() -> None:
    run, view = (0.0, 1000.0), CurveView()
    view.zoom(0.25, run)
    view.move_cursor(-10, run)
    assert view.cursor == 1000
    for _ in range(30):
        view.move_cursor(-10, run)
    assert view.cursor == 700
    low, high = view.limits(run)
    assert (high - low, low <= 700 <= high) == (250, True)
    assert high < 1000
    for _ in range(30):
        view.move_cursor(10, run)
    assert (view.cursor, view.limits(run)) == (1000, (750, 1000))


def test_the_narrowest_and_the_widest_window() -> None:
    run, view = (0.0, 1000.0), CurveView()
    for _ in range(50):
        view.zoom(0.5, run)
    low, high = view.limits(run)
    assert high - low == CLOSEST
    for _ in range(50):
        view.zoom(2, run)
    assert view.window is None
    assert view.limits(run) == linear_limits(*run)


def test_a_restart_forgets_where_one_looked_but_not_how() -> None:
    view = CurveView()
    view.next_smoothing()
    view.before = False
    view.zoom(0.5, (0.0, 1000.0))
    view.move_cursor(0, (0.0, 1000.0))
    view.restart()
    assert (view.window, view.cursor, view.follows) == (None, None, False)
    assert (view.smoothing, view.before) == (SMOOTHING[1], False)
