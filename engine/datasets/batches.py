"""The order in which an epoch sees the training samples."""

import numpy as np
from numpy.typing import NDArray


def epoch_order(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """A permutation of 0..count-1, a pure function of its arguments.

    No generator lives from epoch to epoch: a run resumed within epoch 7 recomputes that epoch's order
    and goes on at its step, so that it sees exactly the batches of a run that never stopped.
    """
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, epoch))))
    return random.permutation(count)
