from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ShapeError, UserError
from engine.layers.dropout import Dropout
from engine.layers.linear import Linear
from engine.layers.relu import ReLU
from engine.model import Sequential, describe, require_output

PICTURE = (1, 6, 6)
EVERY_LAYER = (
    "Flatten, Linear(12), BatchNorm1d, ReLU, Dropout(0.4), Linear(9, bias=False), LeakyReLU(0.2), "
    "Linear(8), Tanh, Linear(7), Sigmoid, Linear(5), Softmax"
)


def pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, *PICTURE)).astype(np.float32)


def torch_model(torch: Any) -> Any:
    nn = torch.nn
    return nn.Sequential(
        *(
            nn.Flatten(),
            nn.Linear(36, 12),
            nn.BatchNorm1d(12),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Linear(12, 9, bias=False),
        ),
        *(nn.LeakyReLU(0.2), nn.Linear(9, 8), nn.Tanh(), nn.Linear(8, 7), nn.Sigmoid(), nn.Linear(7, 5), nn.Softmax(1)),
    )


def state_dict(torch: Any, model: Sequential) -> dict[str, Any]:
    arrays = {name: parameter.value for name, parameter in model.parameters.items()} | model.buffers
    return {name: torch.tensor(array) for name, array in arrays.items()}


def test_names_are_pytorchs():
    torch = pytest.importorskip("torch")
    model = Sequential(EVERY_LAYER, PICTURE)
    assert {*model.parameters, *model.buffers} == set(torch_model(torch).state_dict())
    assert list(model.parameters)[:4] == ["1.weight", "1.bias", "2.weight", "2.bias"]


def test_state_loads_strictly_into_pytorch_and_gives_the_same_outputs():
    torch = pytest.importorskip("torch")
    model, theirs = Sequential(EVERY_LAYER, PICTURE, seed=3), torch_model(torch)
    for seed in range(3):
        model.forward(pictures(20, seed), training=True)
    assert theirs.load_state_dict(state_dict(torch, model), strict=True)
    x = pictures(10, 9)
    outputs, _ = model.forward(x, training=False)
    with torch.no_grad():
        np.testing.assert_allclose(outputs, theirs.eval()(torch.tensor(x)).numpy(), rtol=1e-5, atol=1e-6)


def test_pytorchs_state_gives_the_same_outputs_and_gradients_here():
    torch = pytest.importorskip("torch")
    theirs = torch_model(torch)
    theirs[4].p = 0.0
    model = Sequential(EVERY_LAYER.replace("Dropout(0.4)", "Dropout(0)"), PICTURE)
    for name, tensor in theirs.state_dict().items():
        target = model.parameters[name].value if name in model.parameters else model.buffers[name]
        target[...] = tensor.numpy()
    x, labels = pictures(16), np.arange(16) % 5
    outputs, backward = model.forward(x, training=True)
    expected = theirs(torch.tensor(x))
    np.testing.assert_allclose(outputs, expected.detach().numpy(), rtol=1e-5, atol=1e-6)
    dy = np.eye(5, dtype=np.float32)[labels]
    backward(dy)
    expected.backward(torch.tensor(dy))
    for name, tensor in theirs.named_parameters():
        np.testing.assert_allclose(model.parameters[name].gradient, tensor.grad.numpy(), rtol=1e-5, atol=1e-5)


def test_the_input_gradient_is_left_out_only_where_nobody_needs_it():
    x = pictures(4)
    lean, full = (Sequential(EVERY_LAYER, PICTURE, input_gradient=wanted) for wanted in (False, True))
    dy = np.ones((4, 5), np.float32)
    assert lean.forward(x, training=True)[1](dy) is None
    dx = full.forward(x, training=True)[1](dy)
    assert dx is not None
    assert dx.shape == x.shape
    np.testing.assert_array_equal(lean.gradients, full.gradients)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_same_seed_gives_the_same_bytes(seed: int):
    first, second = Sequential(EVERY_LAYER, PICTURE, seed=seed), Sequential(EVERY_LAYER, PICTURE, seed=seed)
    assert first.values.tobytes() == second.values.tobytes()
    x = pictures(3)
    np.testing.assert_array_equal(first.forward(x, training=True)[0], second.forward(x, training=True)[0])
    assert first.values.tobytes() != Sequential(EVERY_LAYER, PICTURE, seed=seed + 1).values.tobytes()


def test_layers_start_differently():
    model = Sequential("Linear(4), Linear(4), Dropout, Dropout", (4,))
    assert (model.parameters["0.weight"].value != model.parameters["1.weight"].value).any()
    seeds = [layer.seed for layer in model.layers if isinstance(layer, Dropout)]
    assert len(set(seeds)) == 2


def test_a_layer_more_leaves_the_start_of_those_before_it():
    short, long = Sequential("Linear(4), ReLU", (3,)), Sequential("Linear(4), ReLU, Linear(2)", (3,))
    np.testing.assert_array_equal(short.parameters["0.weight"].value, long.parameters["0.weight"].value)


def test_parameters_are_views_of_one_vector_and_so_are_gradients():
    model = Sequential(EVERY_LAYER, PICTURE)
    assert model.values.size == model.offsets[-1] == sum(parameter.size for parameter in model.parameters.values())
    for parameter, start, stop in zip(model.parameters.values(), model.offsets, model.offsets[1:], strict=False):
        assert parameter.value.base is model.values or np.shares_memory(parameter.value, model.values)
        np.testing.assert_array_equal(parameter.value.ravel(), model.values[start:stop])
        assert np.shares_memory(parameter.gradient, model.gradients[start:stop])
    assert model.values.dtype == np.float32


@pytest.mark.parametrize(
    ("text", "deviation"),
    [
        ("Linear(500), ReLU, Linear(2)", (2 / 300) ** 0.5),
        ("Linear(500), BatchNorm1d, Dropout, LeakyReLU, Linear(2)", (2 / 300) ** 0.5),
        ("Linear(500), Tanh, Linear(2)", (2 / 800) ** 0.5),
        ("Linear(500)", (1 / 300) ** 0.5),
        ("Linear(500), Linear(2), ReLU", (1 / 300) ** 0.5),
    ],
)
def test_auto_takes_the_initializer_of_the_next_activation(text: str, deviation: float):
    weight = Sequential(text, (300,)).parameters["0.weight"].value
    assert weight.std() == pytest.approx(deviation, rel=0.02)


def test_a_signal_keeps_its_size_through_ten_layers_of_relu():
    model = Sequential("Linear(300), ReLU, " * 10 + "Linear(300)", (300,))
    y, _ = model.forward(np.random.default_rng(0).normal(size=(100, 300)).astype(np.float32), training=False)
    assert 0.3 < y.std() < 3


@pytest.mark.parametrize(
    ("text", "shape", "message"),
    [
        (
            "Linear(10)",
            (1, 28, 28),
            "layer 0: Linear takes samples of shape (features,), not (1, 28, 28); put Flatten before it; "
            "the shape comes from the data",
        ),
        (
            "ReLU, BatchNorm1d",
            (1, 28, 28),
            "layer 1: BatchNorm1d takes samples of shape (features,), not (1, 28, 28); put Flatten before it; "
            "the shape comes from layer 0 (ReLU)",
        ),
    ],
)
def test_a_shape_that_does_not_fit_names_the_layer_and_both_shapes(text: str, shape: tuple[int, ...], message: str):
    with pytest.raises(ShapeError) as caught:
        Sequential(text, shape)
    assert str(caught.value) == message


def test_an_output_that_does_not_fit_names_the_layer_and_both_shapes():
    with pytest.raises(ShapeError) as caught:
        require_output(Sequential("Linear(7), ReLU", (3,)), (10,), "mnist with 10 classes")
    assert str(caught.value) == "layer 1 (ReLU) gives (7,), but mnist with 10 classes needs (10,)"


@pytest.mark.parametrize("text", ["ReLU", "Flatten, Tanh"])
def test_a_model_without_weights_is_refused(text: str):
    with pytest.raises(UserError, match="nothing to learn"):
        Sequential(text, (3,))


@pytest.mark.parametrize("units", [10**9, 10**14, 10**18, 10**30])
def test_a_model_beyond_all_memory_is_a_user_error(units: int):
    with pytest.raises(UserError):
        Sequential(f"Linear({units})", (10**4,))


def test_a_model_is_written_as_text_or_as_layers():
    written, built = Sequential("Linear(4), ReLU", (3,)), Sequential([Linear(4), ReLU()], (3,))
    assert written.values.tobytes() == built.values.tobytes()
    assert (written.texts, built.texts) == (["Linear(4)", "ReLU"], ["Linear", "ReLU"])
    assert describe("Flatten,Linear( 128 ),Dropout(p=.5)") == ["Flatten", "Linear(128)", "Dropout(p=0.5)"]
    assert written.shapes == [(4,), (4,)]
    assert written.output_shape == (4,)
    assert Sequential("Linear(4), ReLU, Linear(2)", (3,)).learning_layers == [0, 2]
