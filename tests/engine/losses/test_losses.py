from math import exp, log, log1p
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expressions import make, parse_calls
from engine.losses import Loss, losses

LOSSES = ["cross_entropy", "cross_entropy(label_smoothing=0.1)", "bce", "mse"]


def loss(text: str) -> Loss:
    return make(parse_calls(text, "loss")[0], losses)


def value_and_gradient(text: str, outputs: Any, labels: Any, dtype: Any = np.float32) -> tuple[float, np.ndarray]:
    outputs = np.asarray(outputs, dtype)
    criterion = loss(text)
    value, backward = criterion.forward(outputs, criterion.targets(np.asarray(labels), outputs))
    return value, backward()


def torch_loss(text: str, outputs: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    z, classes = torch.tensor(outputs, requires_grad=True), torch.tensor(labels)
    single = outputs.shape[1] == 1
    targets = classes[:, None] if single else functional.one_hot(classes, outputs.shape[1])
    result = {
        "cross_entropy": lambda: functional.cross_entropy(z, classes),
        "cross_entropy(label_smoothing=0.1)": lambda: functional.cross_entropy(z, classes, label_smoothing=0.1),
        "bce": lambda: functional.binary_cross_entropy_with_logits(z, targets.to(z.dtype)),
        "mse": lambda: functional.mse_loss(z, targets.to(z.dtype)),
    }[text]()
    result.backward()
    return result.item(), z.grad.numpy()


def test_every_loss_is_tested():
    assert {text.partition("(")[0] for text in LOSSES} == set(losses.names())


@pytest.mark.parametrize("text", LOSSES)
@given(
    seed=st.integers(0, 2**32 - 1),
    batch=st.integers(1, 40),
    classes=st.integers(2, 20),
    deviation=st.sampled_from([1e-3, 1.0, 10.0, 300.0]),
)
def test_as_in_pytorch(text: str, seed: int, batch: int, classes: int, deviation: float):
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, batch)
    width = loss(text).output_shape(classes)[0]
    outputs = random.normal(0, deviation, (batch, width)).astype(np.float32)
    value, gradient = value_and_gradient(text, outputs, labels)
    expected, expected_gradient = torch_loss(text, outputs, labels)
    assert value == pytest.approx(expected, rel=1e-5, abs=1e-5)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-5, atol=1e-5)
    assert gradient.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("text", "outputs", "labels", "expected"),
    [
        # p = 1/2 and 3/4 of the right classes.
        ("cross_entropy", [[0.0, 0.0], [log(3), 0.0]], [0, 0], (log(2) + log(4 / 3)) / 2),
        ("cross_entropy", [[0.0] * 10], [7], log(10)),
        # t = 0.95 and 0.05; p = 3/4 and 1/4.
        ("cross_entropy(label_smoothing=0.1)", [[log(3), 0.0]], [0], -0.95 * log(0.75) - 0.05 * log(0.25)),
        ("bce", [[0.0], [log(3)]], [1, 1], (log(2) + log(4 / 3)) / 2),
        ("bce", [[2.0], [2.0]], [1, 0], (log1p(exp(-2)) + log1p(exp(2))) / 2),
        ("bce", [[0.0, 0.0, log(3)]], [2], (2 * log(2) + log(4 / 3)) / 3),
        ("mse", [[1.0, 2.0], [0.0, 3.0]], [0, 1], (0 + 4 + 0 + 4) / 4),
    ],
)
def test_by_hand(text: str, outputs: Any, labels: Any, expected: float, dtype: Any):
    value, _ = value_and_gradient(text, outputs, labels, dtype)
    assert value == pytest.approx(expected, rel=1e-6 if dtype is np.float32 else 1e-12)


@pytest.mark.parametrize(
    ("text", "outputs", "labels", "expected"),
    [
        ("cross_entropy", [[log(3), 0.0]], [0], [[-0.25, 0.25]]),
        ("cross_entropy", [[0.0, 0.0], [0.0, 0.0]], [0, 1], [[-0.25, 0.25], [0.25, -0.25]]),
        ("cross_entropy(label_smoothing=0.1)", [[log(3), 0.0]], [0], [[-0.2, 0.2]]),
        ("bce", [[log(3)], [0.0]], [1, 0], [[-0.125], [0.25]]),
        ("mse", [[1.0, 2.0]], [0], [[0.0, 2.0]]),
    ],
)
def test_gradients_by_hand(text: str, outputs: Any, labels: Any, expected: Any):
    _, gradient = value_and_gradient(text, outputs, labels)
    np.testing.assert_allclose(gradient, expected, atol=1e-7)


@pytest.mark.parametrize("size", [1e4, 1e10, 1e30])
@pytest.mark.parametrize("text", ["cross_entropy", "cross_entropy(label_smoothing=0.1)", "bce"])
def test_logits_of_any_size_overflow_nowhere(text: str, size: float):
    width = loss(text).output_shape(2)[0]
    outputs = np.array([[size, -size], [-size, size], [size, size], [-size, -size]])[:, :width]
    for label in (0, 1):
        value, gradient = value_and_gradient(text, outputs, [label] * 4)
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()
        assert np.abs(gradient).max() <= 1


@pytest.mark.parametrize("size", [1e4, 1e30])
def test_a_sure_mistake_costs_its_logits(size: float):
    value, gradient = value_and_gradient("cross_entropy", [[size, -size]], [1])
    assert value == pytest.approx(2 * size, rel=1e-6)
    np.testing.assert_array_equal(gradient, [[1, -1]])
    value, gradient = value_and_gradient("bce", [[size]], [0])
    assert value == pytest.approx(size, rel=1e-6)
    np.testing.assert_array_equal(gradient, [[1]])


@pytest.mark.parametrize("text", ["cross_entropy", "bce", "mse"])
def test_a_sure_hit_costs_nothing(text: str):
    outputs = {"cross_entropy": [[1e30, -1e30]], "bce": [[-1e30]], "mse": [[1, 0]]}[text]
    value, gradient = value_and_gradient(text, outputs, [0])
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize("text", LOSSES)
@given(seed=st.integers(0, 2**32 - 1), batch=st.integers(1, 9), classes=st.integers(2, 9))
def test_probabilities_are_of_the_classes(text: str, seed: int, batch: int, classes: int):
    criterion = loss(text)
    random = np.random.default_rng(seed)
    outputs = random.normal(0, 2, (batch, criterion.output_shape(classes)[0])).astype(np.float32)
    probabilities = criterion.probabilities(outputs)
    assert probabilities.shape == (batch, classes)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    if text.startswith("cross") or (text, classes) == ("bce", 2):
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    hits = probabilities.argmax(axis=1)
    if text != "mse":
        np.testing.assert_array_equal(criterion.chosen(outputs), hits)


def test_the_class_chosen_is_that_of_the_largest_output_or_the_sign():
    outputs = np.array([[0.1, 0.9, 0.0], [0.5, 0.2, 0.3]], np.float32)
    assert list(loss("cross_entropy").chosen(outputs) == [1, 2]) == [True, False]
    assert list(loss("bce").chosen(np.array([[0.1], [-0.1], [3.0]], np.float32))) == [1, 0, 1]


@pytest.mark.parametrize("text", LOSSES)
def test_inputs_are_left_alone(text: str):
    criterion = loss(text)
    outputs = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    labels = np.array([0, 1, 2, 1, 0])
    targets = criterion.targets(labels, outputs)
    kept = outputs.copy(), targets.copy()
    criterion.forward(outputs, targets)[1]()
    np.testing.assert_array_equal(outputs, kept[0])
    np.testing.assert_array_equal(targets, kept[1])


def test_outputs_beyond_the_targets_are_no_tie():
    outputs = np.array([[1.2, 1.7, 0.1], [-3.0, -2.0, -1.0]], np.float32)
    assert list(loss("mse").chosen(outputs)) == [1, 2]
