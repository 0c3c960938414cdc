from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ShapeError, UserError
from engine.layers.linear import Linear
from engine.layers.relu import ReLU
from engine.model import Sequential, describe, require_output

PICTURE = (1, 6, 6)
EVERY_LAYER = (
    "Flatten, Linear(12), BatchNorm1d, ReLU, Dropout(0.4), Linear(9, bias=False), LeakyReLU(0.2), "
    "Linear(8), Tanh, Linear(7), Sigmoid, Linear(5), Softmax"
)


NESTED = (
    "Conv2d(4, 3, padding=1), ReLU, Residual(Conv2d(4, 3, padding=1), BatchNorm2d, ReLU, Dropout2d(0.1), "
    "Residual(Conv2d(4, 1))), MaxPool2d(2), Dropout(0.2), Flatten, Linear(3)"
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
    assert len({layer.seed for layer in model.dropouts}) == 2
    inside = Sequential(
        "Residual(Linear(4), Linear(4), Dropout), Linear(4), Dropout, Residual(Linear(4), Dropout)", (4,)
    )
    weights = [parameter.value for name, parameter in inside.parameters.items() if name.endswith("weight")]
    assert len({weight.tobytes() for weight in weights}) == len(weights) == 4
    assert len({layer.seed for layer in inside.dropouts}) == 3


def test_a_layer_more_leaves_the_start_of_those_before_it():
    short, long = Sequential("Linear(4), ReLU", (3,)), Sequential("Linear(4), ReLU, Linear(2)", (3,))
    np.testing.assert_array_equal(short.parameters["0.weight"].value, long.parameters["0.weight"].value)


def test_a_layer_more_inside_leaves_the_start_of_those_before_it_and_behind():
    short, long = (Sequential(f"Residual(Linear(3){more}), Linear(2)", (3,)) for more in ("", ", Linear(3)"))
    for name in ("0.0.weight", "1.weight"):
        np.testing.assert_array_equal(short.parameters[name].value, long.parameters[name].value)


def test_a_start_is_drawn_from_seed_and_place_alone():
    model = Sequential("Linear(4), ReLU, Residual(Linear(4), ReLU), Linear(2)", (4,), seed=5)
    for name, place in (("0.weight", (0,)), ("2.0.weight", (2, 0))):
        expected = np.random.default_rng((5, *place, 1)).normal(0, (2 / 4) ** 0.5, (4, 4)).astype(np.float32)
        np.testing.assert_array_equal(model.parameters[name].value, expected)


def test_parameters_are_views_of_one_vector_and_so_are_gradients():
    model = Sequential(EVERY_LAYER, PICTURE)
    assert model.parameter_count == sum(parameter.size for parameter in model.parameters.values())
    assert model.values.size == model.offsets[-1] >= model.parameter_count
    for parameter, start, stop in zip(model.parameters.values(), model.offsets, model.offsets[1:], strict=False):
        assert parameter.value.base is model.values or np.shares_memory(parameter.value, model.values)
        np.testing.assert_array_equal(parameter.stored_value.ravel(), model.values[start:stop])
        stored = parameter.stored_value[:, : parameter.shape[0]].T if parameter.transposed else parameter.stored_value
        np.testing.assert_array_equal(parameter.value, stored)
        assert np.shares_memory(parameter.value, model.values[start:stop])
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
        ("Linear(500), Residual(ReLU, Linear(500)), Tanh", (2 / 300) ** 0.5),
        ("Linear(500), Residual(Residual(Tanh), Linear(500)), ReLU", (2 / 800) ** 0.5),
        ("Linear(500), Residual(BatchNorm1d, Linear(500), ReLU)", (1 / 300) ** 0.5),
    ],
)
def test_auto_takes_the_initializer_of_the_next_activation(text: str, deviation: float):
    weight = Sequential(text, (300,)).parameters["0.weight"].value
    assert weight.std() == pytest.approx(deviation, rel=0.02)


@pytest.mark.parametrize(
    ("text", "variance"),
    [
        ("Residual(Linear(300), BatchNorm1d), ReLU, Linear(2)", 2 / 300),
        ("Residual(Residual(Linear(300)), Dropout), BatchNorm1d, Tanh, Linear(2)", 2 / 600),
        ("Residual(Linear(300)), Residual(ReLU, Linear(300))", 2 / 300),
        ("Residual(Linear(300)), Linear(2), ReLU", 1 / 300),
    ],
)
def test_auto_looks_out_of_the_end_of_a_residual(text: str, variance: float):
    model = Sequential(text, (300,))
    weight = model.learning_layers[0].layer.parameters[0].value
    assert weight.std() == pytest.approx(variance**0.5, rel=0.02)


def test_auto_of_a_convolution_counts_what_a_unit_sees():
    model = Sequential("Conv2d(64, 3), BatchNorm2d, ReLU, Conv2d(64, (1, 5)), MaxPool2d(2), Tanh", (64, 9, 9))
    first, second = (model.parameters[name].value for name in ("0.weight", "3.weight"))
    assert first.std() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
    assert second.std() == pytest.approx((2 / (64 * 5 + 64 * 5)) ** 0.5, rel=0.02)


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
    assert [leaf.label for leaf in written.leaves] == ["0 Linear(4)", "1 ReLU"]
    assert [leaf.label for leaf in built.leaves] == ["0 Linear", "1 ReLU"]
    assert describe("Flatten,Linear( 128 ),Dropout(p=.5)") == ["Flatten", "Linear(128)", "Dropout(p=0.5)"]
    assert written.output_shape == (4,)
    assert [leaf.name for leaf in Sequential("Linear(4), ReLU, Linear(2)", (3,)).learning_layers] == ["0", "2"]


def test_leaves_are_the_layers_inside_with_their_shapes():
    model = Sequential(NESTED, PICTURE)
    before, after = (4, 6, 6), (4, 3, 3)
    assert [(leaf.label, leaf.input_shape, leaf.output_shape) for leaf in model.leaves] == [
        ("0 Conv2d(4, 3, padding=1)", PICTURE, before),
        ("1 ReLU", before, before),
        ("2.0 Conv2d(4, 3, padding=1)", before, before),
        ("2.1 BatchNorm2d", before, before),
        ("2.2 ReLU", before, before),
        ("2.3 Dropout2d(0.1)", before, before),
        ("2.4.0 Conv2d(4, 1)", before, before),
        ("3 MaxPool2d(2)", before, after),
        ("4 Dropout(0.2)", after, after),
        ("5 Flatten", after, (36,)),
        ("6 Linear(3)", (36,), (3,)),
    ]
    assert [leaf.name for leaf in model.learning_layers] == ["0", "2.0", "2.1", "2.4.0", "6"]
    assert [layer.p for layer in model.dropouts] == [0.1, 0.2]
    assert [type(leaf.layer).__name__ for leaf in model.leaves] == [
        leaf.text.partition("(")[0] for leaf in model.leaves
    ]


def test_parameters_and_buffers_inside_are_named_and_laid_out_in_order():
    model = Sequential(NESTED, PICTURE)
    assert list(model.parameters) == [
        *("0.weight", "0.bias", "2.0.weight", "2.0.bias", "2.1.weight", "2.1.bias"),
        *("2.4.0.weight", "2.4.0.bias", "6.weight", "6.bias"),
    ]
    assert list(model.buffers) == ["2.1.running_mean", "2.1.running_var", "2.1.num_batches_tracked"]
    for parameter, start, stop in zip(model.parameters.values(), model.offsets, model.offsets[1:], strict=False):
        assert np.shares_memory(parameter.value, model.values[start:stop])
