"""One contract for all layers, and their agreement with PyTorch's."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ShapeError, UserError
from engine.expressions import make, parse_calls
from engine.initializers import initialize, initializer
from engine.layers import Layer, layers
from engine.layers.dropout import Dropout
from engine.parameters import Parameter, bind

TEXTS = {
    "AvgPool2d": "AvgPool2d(2)",
    "Conv2d": "Conv2d(4, 3, padding=1)",
    "Linear": "Linear(4)",
    "MaxPool2d": "MaxPool2d(2)",
    "Residual": "Residual(Linear(6), Tanh)",
}
"""How a layer is written that needs an argument."""

FEATURES = 6
PICTURE = (3, 4, 5)
ALL = layers.names()
SEEDS = st.integers(0, 2**32 - 1)


def parts(layer: Layer) -> list[Layer]:
    """The layer itself, or those that it is put around."""
    return [leaf.layer for leaf in layer.leaves] or [layer]


def parameters(layer: Layer) -> list[Parameter]:
    return [parameter for part in parts(layer) for parameter in part.parameters]


def build(text: str, shape: tuple[int, ...] = (FEATURES,), dtype: Any = np.float32) -> Layer:
    layer = make(parse_calls(text, "model")[0], layers)
    layer.build(shape)
    bind(parameters(layer), dtype)
    random = np.random.default_rng(7)
    for parameter in parameters(layer):
        initialize(parameter, initializer("he"), random)
        parameter.value += random.normal(0, 0.3, parameter.shape)
    return layer


def shape_of(name: str) -> tuple[int, ...]:
    """A sample that the layer takes."""
    return PICTURE if name.endswith("2d") else (FEATURES,)


def layer_of(name: str, dtype: Any = np.float32) -> Layer:
    return build(TEXTS.get(name, name), shape_of(name), dtype=dtype)


def inputs(*shape: int, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def samples(name: str, count: int, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    return inputs(count, *shape_of(name), seed=seed, dtype=dtype)


def state(layer: Layer) -> list[bytes]:
    """All that a pass in evaluation must leave alone."""
    found = []
    for part in {id(part): part for part in [layer, *parts(layer)]}.values():
        attributes = {key: repr(value) for key, value in vars(part).items() if key not in ("parameters", "buffers")}
        arrays = [parameter.value for parameter in part.parameters] + list(part.buffers.values())
        found += [array.tobytes() for array in arrays] + [repr(sorted(attributes.items())).encode()]
    return found


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ALL)
def test_shapes_and_types(name: str, dtype: Any, training: bool):
    layer = layer_of(name, dtype)
    x = samples(name, 5, dtype=dtype)
    kept = x.copy()
    y, backward = layer.forward(x, training=training)
    dy = inputs(*y.shape, seed=1, dtype=dtype)
    kept_dy = dy.copy()
    dx = backward(dy)
    assert y.shape == (5, *layer_of(name).build(shape_of(name)))
    assert dx is not None
    assert (y.dtype, dx.dtype, dx.shape) == (dtype, dtype, x.shape)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(dy, kept_dy)


@pytest.mark.parametrize("name", ALL)
def test_a_prediction_between_forward_and_backward_changes_nothing(name: str):
    alone, disturbed = layer_of(name), layer_of(name)
    x = samples(name, 8)
    y, backward = alone.forward(x, training=True)
    dy = inputs(*y.shape, seed=1)
    expected = backward(dy)
    other_y, backward = disturbed.forward(x, training=True)
    prediction, prediction_backward = disturbed.forward(samples(name, 3, seed=2), training=False)
    prediction_backward(np.ones_like(prediction))
    disturbed.forward(samples(name, 9, seed=3), training=True)
    found = backward(dy)
    np.testing.assert_array_equal(other_y, y)
    np.testing.assert_array_equal(found, expected)
    for mine, other in zip(parameters(alone), parameters(disturbed), strict=True):
        np.testing.assert_array_equal(mine.gradient, other.gradient)


@pytest.mark.parametrize("name", ALL)
def test_gradients_are_written_not_added(name: str):
    layer = layer_of(name)
    y, backward = layer.forward(samples(name, 8), training=True)
    backward(np.ones_like(y))
    once = [parameter.gradient.copy() for parameter in parameters(layer)]
    backward(np.ones_like(y))
    for parameter, gradient in zip(parameters(layer), once, strict=True):
        np.testing.assert_array_equal(parameter.gradient, gradient)


@pytest.mark.parametrize("name", ALL)
def test_evaluation_has_no_side_effect_and_repeats(name: str):
    layer = layer_of(name)
    layer.forward(samples(name, 8, seed=4), training=True)
    before = state(layer)
    first, _ = layer.forward(samples(name, 8), training=False)
    second, _ = layer.forward(samples(name, 8), training=False)
    np.testing.assert_array_equal(first, second)
    assert state(layer) == before


@pytest.mark.parametrize("name", ALL)
def test_in_evaluation_a_sample_does_not_depend_on_its_batch(name: str):
    layer = layer_of(name)
    x = samples(name, 8)
    together, _ = layer.forward(x, training=False)
    alone = np.concatenate([layer.forward(x[i : i + 1], training=False)[0] for i in range(8)])
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_read_only_and_strided_inputs(name: str):
    x = samples(name, 8)
    expected, _ = layer_of(name).forward(x, training=True)
    frozen = x.copy()
    frozen.flags.writeable = False
    strided = np.repeat(x, 2, axis=0)[::2]
    for other in (frozen, strided, np.asfortranarray(x)):
        y, backward = layer_of(name).forward(other, training=True)
        np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-6)
        backward(np.asfortranarray(np.ones_like(y)))


# PyTorch's layers of the same name, with the same weights.


def torch_layer(torch: Any, text: str, ours: Layer, features: int) -> Any:
    nn = torch.nn
    theirs = {
        "Linear(7)": lambda: nn.Linear(features, 7),
        "Linear(7, bias=False)": lambda: nn.Linear(features, 7, bias=False),
        "ReLU": nn.ReLU,
        "LeakyReLU": nn.LeakyReLU,
        "LeakyReLU(0.3)": lambda: nn.LeakyReLU(0.3),
        "Tanh": nn.Tanh,
        "Sigmoid": nn.Sigmoid,
        "Softmax": lambda: nn.Softmax(dim=1),
        "BatchNorm1d": lambda: nn.BatchNorm1d(features),
        "BatchNorm1d(eps=0.1, momentum=0.5)": lambda: nn.BatchNorm1d(features, eps=0.1, momentum=0.5),
        "Flatten": nn.Flatten,
        "Dropout": nn.Dropout,
    }[text]()
    values = {parameter.name: torch.tensor(parameter.value) for parameter in ours.parameters}
    theirs.load_state_dict(values | {name: torch.tensor(array) for name, array in ours.buffers.items()}, strict=True)
    return theirs


COMPARED = [
    "Linear(7)",
    "Linear(7, bias=False)",
    "ReLU",
    "LeakyReLU",
    "LeakyReLU(0.3)",
    "Tanh",
    "Sigmoid",
    "Softmax",
    "BatchNorm1d",
    "BatchNorm1d(eps=0.1, momentum=0.5)",
]


def test_every_layer_is_compared_with_pytorch():
    elsewhere = {"Flatten", "Dropout", "Residual", *(name for name in ALL if name.endswith("2d"))}
    assert {text.partition("(")[0] for text in COMPARED} | elsewhere == set(ALL)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("text", COMPARED)
@given(seed=SEEDS, batch=st.integers(8, 40), features=st.integers(1, 30), deviation=st.sampled_from([0.1, 1.0, 5.0]))
def test_as_in_pytorch(text: str, training: bool, seed: int, batch: int, features: int, deviation: float):
    torch = pytest.importorskip("torch")
    ours = build(text, (features,))
    for name, array in ours.buffers.items():
        if name.startswith("running"):
            array[...] = np.random.default_rng(seed).uniform(0.5, 2, array.shape)
    theirs = torch_layer(torch, text, ours, features).train(training)
    x = inputs(batch, features, seed=seed) * np.float32(deviation)
    y, backward = ours.forward(x, training=training)
    dy = inputs(*y.shape, seed=seed + 1)
    dx = backward(dy)

    tensor = torch.tensor(x, requires_grad=True)
    expected = theirs(tensor)
    expected.backward(torch.tensor(dy))
    tolerance = {"rtol": 1e-5, "atol": 1e-5}
    np.testing.assert_allclose(y, expected.detach().numpy(), **tolerance)
    scale = np.float32(max(1.0, np.abs(tensor.grad.numpy()).max()))
    np.testing.assert_allclose(dx / scale, tensor.grad.numpy() / scale, **tolerance)
    gradients = dict(theirs.named_parameters())
    for parameter in ours.parameters:
        theirs_gradient = gradients[parameter.name].grad.numpy()
        # Both sum over the batch in float32, each in its own order.
        size = np.float32(max(1.0, np.abs(theirs_gradient).max()))
        np.testing.assert_allclose(parameter.gradient / size, theirs_gradient / size, **tolerance)
    for name, buffer in theirs.named_buffers():
        np.testing.assert_allclose(ours.buffers[name], buffer.numpy(), **tolerance)


@given(seed=SEEDS, batch=st.integers(1, 9), shape=st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_flatten_as_in_pytorch(seed: int, batch: int, shape: list[int]):
    torch = pytest.importorskip("torch")
    layer = build("Flatten", tuple(shape))
    x = inputs(batch, *shape, seed=seed)
    y, backward = layer.forward(x, training=True)
    np.testing.assert_array_equal(y, torch.nn.Flatten()(torch.tensor(x)).numpy())
    np.testing.assert_array_equal(backward(y), x)
    assert y.shape[1:] == layer.build(tuple(shape))


def test_running_statistics_over_several_batches_as_in_pytorch():
    torch = pytest.importorskip("torch")
    ours = build("BatchNorm1d")
    theirs = torch_layer(torch, "BatchNorm1d", ours, FEATURES)
    for seed in range(20):
        x = inputs(9, FEATURES, seed=seed) * 3 + 2
        ours.forward(x, training=True)
        theirs(torch.tensor(x))
    for name, buffer in theirs.named_buffers():
        np.testing.assert_allclose(ours.buffers[name], buffer.numpy(), rtol=1e-5, atol=1e-6)
    assert ours.buffers["num_batches_tracked"] == 20


def test_a_batch_of_one_moves_no_running_statistic():
    layer = build("BatchNorm1d")
    y, backward = layer.forward(inputs(1, FEATURES), training=True)
    np.testing.assert_array_equal(layer.buffers["running_mean"], np.zeros(FEATURES))
    np.testing.assert_array_equal(layer.buffers["running_var"], np.ones(FEATURES))
    np.testing.assert_array_equal(y[0], layer.parameters[1].value)
    dx = backward(np.ones_like(y))
    assert dx is not None
    assert np.isfinite(dx).all()


@pytest.mark.parametrize("name", ["Sigmoid", "Tanh", "Softmax"])
def test_inputs_of_any_size_overflow_nowhere(name: str):
    x = np.array([[1e30, -1e30, 0.0], [1e4, 1e4, -1e4]], np.float32)
    y, backward = build(name, (3,)).forward(x, training=True)
    dx = backward(np.ones_like(y))
    assert dx is not None
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


@pytest.mark.parametrize("name", ["Linear(3)", "BatchNorm1d", "Softmax"])
def test_a_picture_is_refused_by_name_and_shape(name: str):
    with pytest.raises(
        ShapeError, match=r"takes samples of shape \(features,\), not \(1, 28, 28\); put Flatten before"
    ):
        build(name, (1, 28, 28))


@pytest.mark.parametrize(
    "text",
    ["Linear", "Linear(0)", "Linear(-3)", "Linear(2.5)", "Linear('a')", "Linear(3, 4)", "Dropout(1.5)", "ReLU(1)"],
)
def test_arguments_that_do_not_fit_are_user_errors(text: str):
    with pytest.raises(UserError):
        build(text)


# Dropout, which is random.


def dropped(p: float, x: np.ndarray, *, seed: int = 0, draws: int = 0) -> np.ndarray:
    layer = Dropout(p)
    layer.seed, layer.draws = seed, draws
    return layer.forward(x, training=True)[0]


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_drops_its_share_and_keeps_the_mean(p: float):
    y = dropped(p, np.ones((400, 500), np.float32))
    kept = y != 0
    # Five standard deviations of a share of 200,000.
    assert kept.mean() == pytest.approx(1 - p, abs=5 * np.sqrt(p * (1 - p) / y.size))
    np.testing.assert_allclose(y[kept], 1 / (1 - p), rtol=1e-6)


def test_dropout_draws_neighbours_and_rows_independently():
    kept = (dropped(0.5, np.ones((500, 400), np.float32)) != 0) - 0.5
    for shifted in (np.roll(kept, 1, axis=0), np.roll(kept, 1, axis=1), np.roll(kept, 2, axis=1)):
        assert abs((kept * shifted).mean() * 4) < 5 / np.sqrt(kept.size)


def test_dropout_of_nothing_and_of_all():
    x = inputs(20, 30)
    np.testing.assert_array_equal(dropped(0.0, x), x)
    np.testing.assert_array_equal(dropped(1.0, x), np.zeros_like(x))


@given(seed=SEEDS, p=st.floats(0, 1))
def test_dropout_goes_back_through_the_same_mask(seed: int, p: float):
    layer = Dropout(p)
    layer.seed = seed
    x = np.ones((6, 50), np.float32)
    y, backward = layer.forward(x, training=True)
    layer.p = 0.123
    layer.forward(x, training=True)
    np.testing.assert_array_equal(backward(x), y)


@given(seed=SEEDS, draws=st.integers(0, 10**6))
def test_dropout_is_a_function_of_seed_and_draws(seed: int, draws: int):
    x = np.ones((4, 100), np.float32)
    mask = dropped(0.5, x, seed=seed, draws=draws)
    np.testing.assert_array_equal(dropped(0.5, x, seed=seed, draws=draws), mask)
    assert (dropped(0.5, x, seed=seed, draws=draws + 1) != mask).any()
    assert (dropped(0.5, x, seed=seed + 1, draws=draws) != mask).any()


def test_dropout_draws_anew_in_each_training_pass_and_never_in_evaluation():
    layer, x = Dropout(0.5), np.ones((4, 100), np.float32)
    masks = {layer.forward(x, training=True)[0].tobytes() for _ in range(10)}
    assert len(masks) == 10
    y, backward = layer.forward(x, training=False)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(backward(2 * x), 2 * x)
    assert layer.draws == 10
