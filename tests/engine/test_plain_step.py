"""The step in NumPy, which the compiled one is held against: itself against definitions."""

from typing import Any

import numpy as np
import pytest

from engine.augmentations import make_augmentation
from engine.datasets import Dataset
from engine.datasets.base import Split
from engine.expressions import make_one
from engine.losses.cross_entropy import CrossEntropy
from engine.losses.mean_squared_error import MeanSquaredError
from engine.model import Sequential
from engine.optimizers import optimizers
from engine.plain_step import Batch, PlainStep


def make_step(loss: Any, optimizer: str = "sgd(learning_rate=0.5)", chain: str = "Linear(2)") -> tuple[Any, ...]:
    model, rule = Sequential(chain, (2,)), make_one(optimizer, optimizers)
    rule.start(model.values)
    split = Split(np.array([[1, 2], [3, 4], [-1, 0]], np.float32), np.array([0, 1, 1]))
    return PlainStep(model, loss, rule, split, None), model, rule


def test_a_step_worked_out_by_hand():
    step, model, _ = make_step(MeanSquaredError())
    weight, bias = model.parameters["0.weight"], model.parameters["0.bias"]
    weight.value[...], bias.value[...] = [[1, 0], [0, 1]], [0, 1]
    # Samples 2 and 0 give (-1, 1) and (1, 3), to be (0, 1) and (1, 0). The differences, (-1, 0) and (0, 3), have a mean
    # square of 10/4.
    result = step.run(Batch(np.array([2, 0]), 0, 0), None, 0.1, 0.0)
    assert result.loss == pytest.approx(2.5)
    assert result.score == 1
    assert result.finite
    # The gradient of the scores is half the differences: (-1/2, 0) and (0, 3/2).
    np.testing.assert_allclose(weight.gradient, [[0.5, 0], [1.5, 3]])
    np.testing.assert_allclose(bias.gradient, [-0.5, 1.5])
    np.testing.assert_allclose(result.gradient_squares, [11.5, 2.5])
    np.testing.assert_allclose(weight.value, [[0.975, 0], [-0.075, 0.85]], rtol=1e-6)
    np.testing.assert_allclose(bias.value, [0.025, 0.925], rtol=1e-6)
    np.testing.assert_allclose(result.change_squares, [11.5 * 0.05**2, 2.5 * 0.05**2], rtol=1e-5)
    np.testing.assert_allclose(result.weight_squares, [2.0, 1.0], rtol=1e-6)


def test_a_step_is_clipped_and_its_gradient_told_unclipped():
    step, model, _ = make_step(MeanSquaredError(), "sgd(learning_rate=1)")
    free, other, _ = make_step(MeanSquaredError(), "sgd(learning_rate=1)")
    before, batch = model.values.copy(), Batch(np.arange(3), 0, 0)
    clipped, whole = step.run(batch, None, 1.0, 0.01), free.run(batch, None, 1.0, 0.0)
    np.testing.assert_array_equal(clipped.gradient_squares, whole.gradient_squares)
    norm = np.sqrt(whole.gradient_squares.sum())
    np.testing.assert_allclose(model.values - before, (other.values - before) * 0.01 / norm, rtol=1e-3, atol=1e-7)
    assert np.sqrt(clipped.change_squares.sum()) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
@pytest.mark.parametrize(("value", "has_gradient"), [(np.nan, False), (1e25, True)])
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_what_is_not_finite_changes_nothing(optimizer: str, value: float, has_gradient: bool):
    # Weights of 1e25 give a loss of 1e50, finite in float64, and a gradient that is not, in float32.
    step, model, rule = make_step(MeanSquaredError(), optimizer, "Linear(2), Linear(2)")
    step.run(Batch(np.arange(3), 0, 0), None, 1.0, 0.0)
    model.parameters["0.weight"].value[...] = value
    model.parameters["1.weight"].value[...] = 1
    before = [array.tobytes() for array in (model.values, *rule.moments.values())]
    result = step.run(Batch(np.arange(3), 0, 0), None, 1.0, 0.0)
    assert not result.finite
    assert np.isfinite(result.loss) == has_gradient
    assert [array.tobytes() for array in (model.values, *rule.moments.values())] == before
    assert rule.steps == 1
    assert not result.change_squares.any()


def test_samples_are_varied_where_that_is_asked_for(tiny_data: Dataset):
    augmentation = make_augmentation("affine", tiny_data)
    assert augmentation is not None
    seen = []
    for used in (augmentation, None):
        model, rule = Sequential("Flatten, Linear(3)", tiny_data.input_shape), make_one("sgd", optimizers)
        rule.start(model.values)
        forward = model.forward
        model.forward = lambda x, *, training, forward=forward: (seen.append(x), forward(x, training=training))[1]
        step = PlainStep(model, CrossEntropy(), rule, tiny_data.train, used)
        step.run(Batch(np.array([5, 3]), 7, 2), None, 1.0, 0.0)
    np.testing.assert_array_equal(seen[0], augmentation.vary(tiny_data.train.x, np.array([5, 3]), seed=7, epoch=2))
    np.testing.assert_array_equal(seen[1], tiny_data.train.x[[5, 3]])
