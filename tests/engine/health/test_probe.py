from collections.abc import Callable

import numpy as np
import pytest

from engine.datasets import Dataset
from engine.datasets.base import Split
from engine.health.probe import Probe
from engine.training.learner import Learner

Learn = Callable[..., Learner]


@pytest.mark.parametrize("activation", ["ReLU", "LeakyReLU", "Sigmoid", "Tanh"])
def test_shares_are_those_of_the_layers_own_forward(learn: Learn, tiny_data: Dataset, activation: str):
    model = (
        f"Conv2d(6, 2), {activation}, MaxPool2d(2), Flatten, Residual(Linear(24), {activation}), "
        f"Linear(7), BatchNorm1d, {activation}, Dropout(0.5), Linear(3), {activation}"
    )
    learner = learn(model=model, init="normal(2)", lr=0.1)
    for _ in range(20):
        learner.train_step(9)
        learner.end_epoch()
    learner.model.parameters["0.bias"].value[0] = -1e3
    found = Probe(learner).look(spread=True)
    assert [(each.layer, each.kind) for each in found] == [
        ("0 Conv2d(6, 2)", activation),
        ("4.0 Linear(24)", activation),
        ("6 BatchNorm1d", activation),
    ]
    y = tiny_data.train.x
    given = []
    for layer in learner.model.layers[:9]:
        if layer is learner.model.layers[4]:
            given.append(layer.chain[1].forward(layer.chain[0].forward(y, training=False)[0], training=False)[0])
        y = layer.forward(y, training=False)[0]
        if layer is learner.model.layers[1] or layer is learner.model.layers[8]:
            given.append(y)
    for each, y in zip(found, given, strict=True):
        units = y.reshape(len(y), y.shape[1], -1)
        if activation == "ReLU":
            active = (units > 0).any(axis=2).mean(axis=0)
            assert each.dead == (active < 0.01).mean()
        else:
            assert np.isnan(each.dead)
        if activation == "Tanh":
            assert each.saturated == pytest.approx((abs(units) > 0.97).mean(), abs=1e-3)
        elif activation == "Sigmoid":
            assert each.saturated == pytest.approx(((units < 0.03) | (units > 0.97)).mean(), abs=1e-3)
        else:
            assert np.isnan(each.saturated)
        if units.shape[2] == 1:
            assert each.variance == pytest.approx(units.var(), rel=1e-4)


def test_units_that_nothing_reaches_are_dead(learn: Learn):
    learner = learn(model="Flatten, Linear(10), ReLU, Linear(3)")
    learner.model.parameters["1.weight"].value[...] = 0
    learner.model.parameters["1.bias"].value[...] = [-1] * 4 + [1] * 6
    (found,) = Probe(learner).look()
    assert found.dead == 0.4


def test_a_channel_lives_that_is_active_in_one_place(learn: Learn):
    learner = learn(model="Conv2d(2, 1), ReLU, Flatten, Linear(3)")
    learner.model.parameters["0.weight"].value[:, 0, 0, 0] = 1, -1
    probe = Probe(learner)
    x = np.zeros((100, 1, 5, 5), np.float32)
    x[:, 0, 2, 3] = 1
    probe.samples = Split(x, np.zeros(100, np.int64))
    assert probe.look()[0].dead == 0.5


def test_looking_changes_no_weight_and_no_statistics(learn: Learn):
    model = "Flatten, Linear(9), BatchNorm1d, ReLU, Dropout(0.3), Linear(3)"
    left_alone, watched = learn(model=model), learn(model=model)
    probe = Probe(watched)
    for _ in range(6):
        left_alone.train_step(3)
        watched.train_step(3)
        probe.look()
    assert watched.model.values.tobytes() == left_alone.model.values.tobytes()
    for name, buffer in left_alone.model.buffers.items():
        np.testing.assert_array_equal(watched.model.buffers[name], buffer)


def test_what_is_not_compiled_is_not_looked_into(learn: Learn, monkeypatch: pytest.MonkeyPatch):
    learner = learn()
    monkeypatch.setattr(learner, "not_compiled", "a layer")
    assert Probe(learner).look() == ()
