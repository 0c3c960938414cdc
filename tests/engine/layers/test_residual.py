from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ShapeError, UserError
from engine.layers import Layer
from engine.layers.flatten import Flatten
from engine.layers.linear import Linear
from engine.layers.relu import ReLU
from engine.layers.residual import Residual
from engine.layers.tanh import Tanh
from engine.model import Sequential

SEEDS = st.integers(0, 2**32 - 1)
TEXT = (
    "Conv2d(4, 3, padding=1), Residual(Conv2d(4, 3, padding=1), BatchNorm2d, Tanh, "
    "Residual(Conv2d(4, 1, bias=False), Tanh), Conv2d(4, 3, padding=1)), Tanh, Flatten, Linear(3)"
)


def torch_model(torch: Any) -> Any:
    nn = torch.nn

    class Around(nn.Sequential):
        def forward(self, x: Any) -> Any:
            return x + super().forward(x)

    inner = Around(nn.Conv2d(4, 4, 1, bias=False), nn.Tanh())
    conv = [nn.Conv2d(channels, 4, 3, padding=1) for channels in (2, 4, 4)]
    outer = Around(conv[1], nn.BatchNorm2d(4), nn.Tanh(), inner, conv[2])
    return nn.Sequential(conv[0], outer, nn.Tanh(), nn.Flatten(), nn.Linear(4 * 5 * 6, 3))


@pytest.mark.parametrize("training", [True, False])
@settings(max_examples=10)
@given(seed=SEEDS, batch=st.integers(1, 4))
def test_a_chain_inside_a_chain_as_in_pytorch(training: bool, seed: int, batch: int):
    torch = pytest.importorskip("torch")
    theirs = torch_model(torch).double().train(training)
    ours = Sequential(TEXT, (2, 5, 6), seed=seed, dtype=np.float64, input_gradient=True)
    assert {*ours.parameters, *ours.buffers} == set(theirs.state_dict())
    arrays = {name: parameter.value for name, parameter in ours.parameters.items()} | ours.buffers
    theirs.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()}, strict=True)
    random = np.random.default_rng(seed)
    x, dy = random.normal(size=(batch, 2, 5, 6)), random.normal(size=(batch, 3))
    y, backward = ours.forward(x, training=training)
    dx = backward(dy)
    tensor = torch.tensor(x, requires_grad=True)
    expected = theirs(tensor)
    expected.backward(torch.tensor(dy))
    np.testing.assert_allclose(y, expected.detach().numpy(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(dx, tensor.grad.numpy(), rtol=1e-9, atol=1e-9)
    for name, parameter in theirs.named_parameters():
        np.testing.assert_allclose(ours.parameters[name].gradient, parameter.grad.numpy(), rtol=1e-9, atol=1e-9)
    for name, buffer in theirs.named_buffers():
        np.testing.assert_allclose(ours.buffers[name], buffer.numpy(), rtol=1e-5, atol=1e-6)


def test_what_goes_in_is_added_to_what_comes_out():
    layer = Residual(ReLU(), ReLU())
    assert layer.build((3,)) == (3,)
    y, backward = layer.forward(np.array([[-1.0, 0.0, 2.0]]), training=True)
    np.testing.assert_array_equal(y, [[-1, 0, 4]])
    np.testing.assert_array_equal(backward(np.array([[10.0, 10.0, 10.0]])), [[10, 10, 20]])


def test_leaves_are_named_as_in_pytorch():
    layer = Residual(Linear(4), Residual(Tanh(), Linear(4)), Tanh())
    layer.build((4,))
    assert [leaf.label for leaf in layer.leaves] == ["0 Linear", "1.0 Tanh", "1.1 Linear", "2 Tanh"]
    assert (layer.parameters, layer.buffers) == ([], {})


@pytest.mark.parametrize(
    "text",
    [
        "Residual(Linear(4), Tanh), Linear(3)",
        "Tanh, Residual(Tanh, Linear(4), Tanh, Linear(4)), Linear(3)",
        "Residual(Tanh), Residual(Residual(Tanh, Linear(4)), Linear(4)), Linear(3)",
        "Residual(BatchNorm1d, Linear(4)), Linear(3)",
    ],
)
def test_the_gradient_of_the_data_is_spared_and_no_other(text: str):
    x, dy = np.random.default_rng(0).normal(size=(6, 4)), np.ones((6, 3))
    lean, full = (Sequential(text, (4,), dtype=np.float64, input_gradient=wanted) for wanted in (False, True))
    lean.gradients[:] = full.gradients[:] = np.nan
    lean.forward(x, training=True)[1](dy)
    assert full.forward(x, training=True)[1](dy).shape == x.shape
    for name, parameter in full.parameters.items():
        assert np.isfinite(parameter.gradient).all()
        np.testing.assert_array_equal(lean.parameters[name].gradient, parameter.gradient)
    spared = [leaf.name for leaf in lean.leaves if not leaf.layer.needs_input_gradient]
    first = next(place for place, leaf in enumerate(lean.leaves) if leaf.layer.parameters)
    assert spared == [leaf.name for leaf in lean.leaves[: first + 1]]


@pytest.mark.parametrize(
    ("chain", "problem"),
    [
        ([Linear(5)], "Residual adds what it gets, (4,), to what its layers give, (5,)"),
        ([Linear(4), ReLU(), Linear(3), ReLU()], "Residual adds what it gets, (4,), to what its layers give, (3,)"),
    ],
)
def test_a_chain_that_gives_another_shape_is_refused(chain: list[Layer], problem: str):
    with pytest.raises(ShapeError) as caught:
        Residual(*chain).build((4,))
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Flatten, Residual(Linear(9))",
            "layer 1: Residual adds what it gets, (8,), to what its layers give, (9,); "
            "the shape comes from layer 0 (Flatten)",
        ),
        (
            "ReLU, Residual(BatchNorm1d)",
            "layer 1.0: BatchNorm1d takes samples of shape (features,), not (2, 2, 2); put Flatten before it; "
            "the shape comes from layer 0 (ReLU)",
        ),
        (
            "Residual(Residual(ReLU, Flatten, Conv2d(3, 3)))",
            "layer 0.0.2: Conv2d takes samples of shape (channels, height, width), not (8,); "
            "the shape comes from layer 0.0.1 (Flatten)",
        ),
        (
            "Residual(Residual(Linear(3)))",
            "layer 0.0.0: Linear takes samples of shape (features,), not (2, 2, 2); put Flatten before it; "
            "the shape comes from the data",
        ),
    ],
)
def test_a_shape_that_does_not_fit_inside_names_the_layer_and_both_shapes(text: str, message: str):
    with pytest.raises(ShapeError) as caught:
        Sequential(text, (2, 2, 2))
    assert str(caught.value) == message


def test_a_way_around_nothing_is_refused():
    for text in ("Residual, Linear(3)", "Residual(), Linear(3)"):
        with pytest.raises(UserError, match="Residual goes around other layers; write"):
            Sequential(text, (3,))


def test_a_residual_may_go_around_any_shape():
    Residual(Residual(ReLU())).build((2, 3, 4))
    with pytest.raises(ShapeError, match="Residual adds"):
        Residual(Flatten()).build((2, 3, 4))
