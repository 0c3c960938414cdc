"""Keys of draws: what is drawn for a seed never changes, so all 64 bits of a key are NumPy's own."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from engine.kernels.draws import seed_key

WORDS = st.integers(0, 2**64 - 1) | st.integers(0, 2**32)


@given(seed=WORDS, number=WORDS)
@example(seed=0, number=0)
@example(seed=2**32 - 1, number=2**32)
@example(seed=2**32, number=2**32 - 1)
@example(seed=2**64 - 1, number=2**64 - 1)
def test_a_key_is_what_numpys_seed_sequence_makes_of_seed_and_number(seed: int, number: int):
    expected = np.random.SeedSequence((seed, number)).generate_state(1, np.uint64)[0]
    assert int(seed_key(np.uint64(seed), np.uint64(number))) == int(expected)
