import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.batches import epoch_order


@given(st.integers(0, 500), st.integers(0, 2**63), st.integers(0, 10**6))
def test_every_sample_once(count: int, seed: int, epoch: int):
    order = epoch_order(count, seed, epoch)
    assert order.dtype == np.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(count))
    np.testing.assert_array_equal(order, epoch_order(count, seed, epoch))


def test_another_epoch_or_seed_is_another_order():
    orders = {tuple(epoch_order(100, seed, epoch)) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25


def test_order_of_a_resumed_run_is_that_of_the_saved_one():
    # Written down: a change here breaks the resumption of every checkpoint made before it.
    assert epoch_order(8, seed=0, epoch=3).tolist() == [1, 3, 0, 6, 2, 5, 4, 7]
