from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.base import Split
from engine.training.probes import measure_weights, next_mistake


def network(right: list[bool]) -> Any:
    """What `next_mistake` asks of a learner, which is right about these samples; each sample is its own index."""
    labels = np.arange(len(right)) % 3
    chosen = np.where(right, labels, (labels + 1) % 3)
    test = Split(np.arange(len(right)), labels)
    predict = lambda x: (chosen[x.astype(np.int64)], np.eye(3)[chosen[x.astype(np.int64)]])  # noqa: E731
    return SimpleNamespace(dataset=SimpleNamespace(test=test), predict=predict)


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(-1, 40), st.integers(1, 50))
def test_the_next_mistake_comes_after_the_index_and_around_the_end(right: list[bool], after: int, chunk: int):
    mistakes = [index for index, hit in enumerate(right) if not hit]
    start = (after + 1) % len(right)
    expected = next((index for index in mistakes if index >= start), mistakes[0] if mistakes else None)
    assert next_mistake(network(right), after, chunk) == expected


def learner(layer: Any) -> Any:
    """What `measure_weights` asks of a learner of one layer."""
    return SimpleNamespace(model=SimpleNamespace(learning_layers=[SimpleNamespace(name="0", layer=layer)]))


@given(st.floats(1e-30, 1e30), st.integers(1, 80))
def test_bounds_of_a_histogram_hold_all_weights_and_are_round(largest: float, bins: int):
    weights = np.array([largest, -largest / 2, 0.0])
    layer = SimpleNamespace(parameters=[SimpleNamespace(value=weights)])
    (histogram,) = measure_weights(learner(layer), bins)
    assert sum(histogram.counts) == 3
    assert largest <= histogram.high < largest * 2.5 * (1 + 1e-9)
    digits = f"{histogram.high:.6e}".partition("e")[0]
    assert float(digits) in (1, 2, 5)


@pytest.mark.parametrize("weights", [[0.0], [np.nan], [np.inf, -np.inf]])
def test_a_histogram_of_nothing_in_particular(weights: list[float]):
    layer = SimpleNamespace(parameters=[SimpleNamespace(value=np.array(weights))])
    (histogram,) = measure_weights(learner(layer), 4)
    assert (histogram.low, histogram.high) == (-1, 1)
    assert sum(histogram.counts) + histogram.not_finite == len(weights)
