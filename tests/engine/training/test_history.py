import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.training.history import History

POINTS = st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(0, 9), st.floats(0, 9)), min_size=1, max_size=200)


@given(POINTS, st.integers(4, 40))
def test_however_often_it_is_thinned_extremes_mean_and_steps_are_those_of_the_whole_run(
    points: list[tuple[float, float, float]], capacity: int
) -> None:
    history = History(capacity)
    for step, (mean, below, above) in enumerate(points):
        history.append(step, mean, mean - below, mean + above)
    means, low, high = np.array([(m, m - b, m + a) for m, b, a in points]).T
    assert len(history) <= capacity
    assert history.counts.sum() == len(points)
    assert (history.low.min(), history.high.max()) == (low.min(), high.max())
    np.testing.assert_allclose((history.mean * history.counts).sum(), means.sum(), atol=1e-3)
    assert (np.diff(history.step) > 0).all()
    # Each point stands for the steps since the one before it.
    ends = np.cumsum(history.counts).astype(int)
    np.testing.assert_array_equal(history.step, ends - 1)
    starts = ends - history.counts.astype(int)
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        assert (history.low[index], history.high[index]) == (low[start:end].min(), high[start:end].max())


@given(POINTS, st.integers(4, 40), st.integers(-1, 220))
def test_what_is_parted_off_and_what_stays_are_the_whole(
    points: list[tuple[float, float, float]], capacity: int, at: int
) -> None:
    whole, history = History(capacity), History(capacity)
    for step, (mean, below, above) in enumerate(points):
        whole.append(step, mean, mean - below, mean + above)
        history.append(step, mean, mean - below, mean + above)
    parted = history.part_off(at)
    assert (history.step <= at).all()
    shared = 1 if len(history) else 0
    assert (parted.step[shared:] > at).all()
    for name in ("step", "mean", "low", "high", "counts"):
        together = np.concatenate([getattr(history, name), getattr(parted, name)[shared:]])
        np.testing.assert_array_equal(together, getattr(whole, name))
        assert not shared or getattr(parted, name)[0] == getattr(history, name)[-1]
    history.append(999, 1.0)
    assert history.step[-1] == 999


@given(st.integers(0, 999), st.sampled_from([np.inf, -np.inf, 1e9, -1e9]))
def test_one_spike_is_there_to_the_end_of_the_run(place: int, spike: float) -> None:
    history = History(32)
    for step in range(1000):
        history.append(step, 1.0, min(1.0, spike) if step == place else 1.0, max(1.0, spike) if step == place else 1.0)
    assert (history.high.max() if spike > 0 else history.low.min()) == spike


@given(st.integers(0, 999), st.sampled_from([np.nan, np.inf, -np.inf]))
def test_a_mean_that_is_no_number_is_not_averaged_away(place: int, value: float) -> None:
    history = History(32)
    for step in range(1000):
        history.append(step, value if step == place else 1.0)
    (at,) = np.flatnonzero(~np.isfinite(history.mean))
    assert np.array_equal(history.mean[at], value, equal_nan=True)
    assert history.step[at] >= place > (history.step[at - 1] if at else -1)


def test_the_newest_points_are_as_they_came() -> None:
    history = History(64)
    for step in range(10_000):
        history.append(step, float(step))
    assert history.mean[-31:].tolist() == list(range(10_000 - 31, 10_000))
    assert (np.diff(history.counts) <= 0).all()
