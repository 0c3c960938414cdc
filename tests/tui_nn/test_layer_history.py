import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.layer_history import LayerHistory


@given(st.integers(1, 500), st.integers(4, 40), st.integers(1, 5), st.randoms())
def test_every_step_is_covered_by_its_greatest_value(count: int, capacity: int, layers: int, random):
    history = LayerHistory(capacity)
    values = np.array([[random.random() for _ in range(layers)] for _ in range(count)]).reshape(count, layers)
    for step, row in enumerate(values, 1):
        history.append(10 * step, row)
    assert len(history) <= capacity
    assert len(history) == len(history.steps) == len(history.values)
    assert (np.diff(history.steps) > 0).all()
    starts = [0, *(history.steps[:-1] / 10).astype(int)]
    for start, end, shown in zip(starts, (history.steps / 10).astype(int), history.values, strict=True):
        np.testing.assert_array_equal(shown, values[start:end].max(axis=0))
    assert history.steps[-1] == 10 * count


def test_the_newest_points_stay_fine_and_what_is_no_number_stays():
    history = LayerHistory(8)
    for step in range(100):
        history.append(step, np.array([np.nan if step == 3 else 1.0]))
    assert np.isnan(history.values[:, 0]).sum() == 1
    assert np.diff(history.steps)[-3:].tolist() == [1, 1, 1]


@given(st.integers(0, 30), st.integers(-1, 40))
def test_what_came_after_a_step_is_forgotten(count: int, step: int):
    history = LayerHistory()
    for at in range(count):
        history.append(at, np.array([float(at)]))
    history.forget_after(step)
    assert history.steps.tolist() == [at for at in range(count) if at <= step]
    history.append(step + 1, np.array([9.0]))
    assert history.values[-1].tolist() == [9.0]


@pytest.mark.parametrize("before", [0, 3])
def test_other_layers_begin_anew(before: int):
    history = LayerHistory(8)
    for step in range(before):
        history.append(step, np.ones(2))
    history.append(9, np.zeros(5))
    assert history.values.tolist() == [[0.0] * 5]
