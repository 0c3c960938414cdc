"""Keys of draws: what is drawn for a seed never changes, so all 64 bits of a key are NumPy's own."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from engine.kernels.draws import seed_key, seed_keys

WORDS = st.integers(0, 2**64 - 1) | st.integers(0, 2**32)


@given(seed=WORDS, number=WORDS)
@example(seed=0, number=0)
@example(seed=2**32 - 1, number=2**32)
@example(seed=2**32, number=2**32 - 1)
@example(seed=2**64 - 1, number=2**64 - 1)
def test_a_key_is_what_numpys_seed_sequence_makes_of_seed_and_number(seed: int, number: int):
    expected = np.random.SeedSequence((seed, number)).generate_state(1, np.uint64)[0]
    assert int(seed_key(np.uint64(seed), np.uint64(number))) == int(expected)


@given(seed=WORDS, number=st.integers(0, 2**64 - 100), count=st.integers(1, 40))
def test_keys_of_numbers_in_a_row_are_those_of_each(seed: int, number: int, count: int):
    keys = np.zeros(count, np.uint64)
    seed_keys(np.uint64(seed), np.uint64(number), keys)
    assert keys.tolist() == [int(seed_key(np.uint64(seed), np.uint64(number + place))) for place in range(count)]
