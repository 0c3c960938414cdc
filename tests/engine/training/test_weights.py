"""Weights that are put for a look: the network gives their answers, and afterwards its own to the bit."""

from collections.abc import Callable

import pytest

from engine.training.learner import Learner
from engine.training.weights import put_weights, weights_kept, weights_of


def test_a_look_that_fails_leaves_the_network_as_it_was(learn: Callable[..., Learner]):
    learner = learn(model="Flatten, Linear(8), BatchNorm1d, ReLU, Linear(3)", lr=0.05)
    model, x = learner.model, learner.dataset.test.x

    def state() -> tuple[bytes, ...]:
        return model.values.tobytes(), *(array.tobytes() for array in model.buffers.values())

    early, said = weights_of(model), learner.predict(x)[1].tobytes()
    learner.train_step(3)
    before, says = state(), learner.predict(x)[1].tobytes()

    def look() -> None:
        with weights_kept(model):
            put_weights(model, early)
            assert learner.predict(x)[1].tobytes() == said != says
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look()
    learner.close()
    assert state() == before
