"""Convolution, pooling, normalization and dropout of pictures: known values, and agreement with PyTorch's layers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ShapeError, UserError
from engine.layers import Layer
from engine.layers.avg_pool2d import AvgPool2d
from engine.layers.batch_norm2d import BatchNorm2d
from engine.layers.conv2d import Conv2d
from engine.layers.dropout2d import Dropout2d
from engine.layers.global_avg_pool2d import GlobalAvgPool2d
from engine.layers.max_pool2d import MaxPool2d
from engine.model import Sequential, parse_layers
from engine.parameters import bind

SEEDS = st.integers(0, 2**32 - 1)
TYPES = st.sampled_from([np.float32, np.float64])


@st.composite
def geometries(draw: Any, *, pooling: bool) -> tuple[tuple[int, ...], tuple[Any, Any, Any]]:
    """The shape of a batch, and a kernel, stride and padding that fit it, each a pair or a number."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    widest = [side // 2 if pooling else 3 for side in kernel]
    padding = tuple(draw(st.integers(0, most)) for most in widest)
    sides = [draw(st.integers(max(1, k - 2 * p), 9)) for k, p in zip(kernel, padding, strict=True)]
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), *sides)
    return shape, tuple(size[0] if size[0] == size[1] else size for size in (kernel, stride, padding))


def pictures(shape: tuple[int, ...], seed: int, dtype: Any = np.float32) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def built(layer: Layer, shape: tuple[int, ...], seed: int = 0, dtype: Any = np.float32) -> Layer:
    """The layer with random weights and running statistics, ready for samples of that shape."""
    random = np.random.default_rng(seed)
    layer.build(shape)
    values, _, _ = bind(layer.parameters, dtype)
    values[:] = random.normal(size=values.shape)
    for name, array in layer.buffers.items():
        if name.startswith("running"):
            array[...] = random.uniform(0.5, 2, array.shape)
    return layer


def assert_as_in_pytorch(ours: Layer, theirs: Any, x: np.ndarray, seed: int, *, training: bool = True) -> None:
    """Outputs, both kinds of gradients, and buffers are those of the torch module, given the same weights."""
    import torch

    theirs = theirs.to(torch.from_numpy(x).dtype).train(training)
    values = {parameter.name: torch.tensor(parameter.value) for parameter in ours.parameters}
    theirs.load_state_dict(values | {name: torch.tensor(array) for name, array in ours.buffers.items()}, strict=True)
    y, backward = ours.forward(x, training=training)
    dy = pictures(y.shape, seed + 1, x.dtype)
    dx = backward(dy)
    tensor = torch.tensor(x, requires_grad=True)
    expected = theirs(tensor)
    expected.backward(torch.tensor(dy))
    assert y.dtype == dx.dtype == x.dtype
    pairs = [("y", y, expected.detach()), ("dx", dx, tensor.grad)]
    gradients = dict(theirs.named_parameters())
    pairs += [(p.name, p.gradient, gradients[p.name].grad) for p in ours.parameters]
    for name, found, wanted in pairs:
        scale = max(1.0, float(wanted.abs().max()))
        tolerance = (1e-5 if x.dtype == np.float32 else 1e-12) * scale
        np.testing.assert_allclose(found, wanted.numpy(), rtol=0, atol=tolerance, err_msg=name)
    for name, buffer in theirs.named_buffers():
        np.testing.assert_allclose(ours.buffers[name], buffer.numpy(), rtol=1e-5, atol=1e-6, err_msg=name)


@given(geometry=geometries(pooling=False), out=st.integers(1, 4), bias=st.booleans(), seed=SEEDS, dtype=TYPES)
def test_conv2d_as_in_pytorch(geometry: Any, out: int, bias: bool, seed: int, dtype: Any):
    torch = pytest.importorskip("torch")
    shape, (kernel, stride, padding) = geometry
    ours = built(Conv2d(out, kernel, stride=stride, padding=padding, bias=bias), shape[1:], seed, dtype)
    theirs = torch.nn.Conv2d(shape[1], out, kernel, stride, padding, bias=bias)
    assert_as_in_pytorch(ours, theirs, pictures(shape, seed, dtype), seed)


@given(geometry=geometries(pooling=True), kind=st.sampled_from([MaxPool2d, AvgPool2d]), seed=SEEDS, dtype=TYPES)
def test_pooling_as_in_pytorch(geometry: Any, kind: Any, seed: int, dtype: Any):
    torch = pytest.importorskip("torch")
    shape, arguments = geometry
    theirs = getattr(torch.nn, kind.__name__)(*arguments)
    assert_as_in_pytorch(built(kind(*arguments), shape[1:]), theirs, pictures(shape, seed, dtype), seed)


@pytest.mark.parametrize("kind", [MaxPool2d, AvgPool2d])
def test_windows_stand_side_by_side_unless_told(kind: Any):
    torch = pytest.importorskip("torch")
    for arguments in ({"kernel_size": 2}, {"kernel_size": (3, 2)}, {"kernel_size": 3, "padding": 1}):
        ours, theirs = built(kind(**arguments), (2, 7, 8)), getattr(torch.nn, kind.__name__)(**arguments)
        assert_as_in_pytorch(ours, theirs, pictures((3, 2, 7, 8), 1), 1)


@given(geometry=geometries(pooling=True), seed=SEEDS)
def test_ties_in_max_pooling_go_to_the_first_as_in_pytorch(geometry: Any, seed: int):
    torch = pytest.importorskip("torch")
    shape, arguments = geometry
    x = np.random.default_rng(seed).integers(-1, 2, shape).astype(np.float32)
    assert_as_in_pytorch(built(MaxPool2d(*arguments), shape[1:]), torch.nn.MaxPool2d(*arguments), x, seed)


def test_of_equal_numbers_the_first_in_row_major_order_learns():
    x = np.array([[[[1, 2, 2], [2, 2, 0], [3, 0, 3]]]], np.float32)
    y, backward = built(MaxPool2d(2, stride=1), (1, 3, 3)).forward(x, training=True)
    np.testing.assert_array_equal(y, [[[[2, 2], [3, 3]]]])
    dx = backward(np.array([[[[1, 10], [100, 1000]]]], np.float32))
    np.testing.assert_array_equal(dx, [[[[0, 11, 0], [0, 0, 0], [100, 0, 1000]]]])


@given(geometry=geometries(pooling=True), share=st.floats(0, 0.3), seed=SEEDS)
def test_nan_is_larger_than_anything_as_in_pytorch(geometry: Any, share: float, seed: int):
    torch = pytest.importorskip("torch")
    shape, arguments = geometry
    random = np.random.default_rng(seed)
    x = np.where(
        random.random(shape) < share, random.choice([np.nan, np.inf, -np.inf], shape), random.normal(size=shape)
    )
    y, _ = built(MaxPool2d(*arguments), shape[1:]).forward(x, training=True)
    np.testing.assert_array_equal(y, torch.nn.MaxPool2d(*arguments)(torch.tensor(x)).numpy())


def test_a_window_of_nothing_but_nan_does_not_spread():
    x = np.zeros((1, 1, 2, 4))
    x[0, 0, 0, 0] = np.nan
    y, backward = built(MaxPool2d(2), (1, 2, 4)).forward(x, training=True)
    np.testing.assert_array_equal(y, [[[[np.nan, 0]]]])
    dx = backward(np.array([[[[np.inf, 5.0]]]]))
    np.testing.assert_array_equal(dx, [[[[np.inf, 0, 5, 0], [0, 0, 0, 0]]]])


@pytest.mark.parametrize("training", [True, False])
@given(shape=st.tuples(*[st.integers(1, 6)] * 4).filter(lambda s: s[0] * s[2] * s[3] > 1), seed=SEEDS, dtype=TYPES)
def test_batch_norm2d_as_in_pytorch(training: bool, shape: tuple[int, ...], seed: int, dtype: Any):
    torch = pytest.importorskip("torch")
    ours = built(BatchNorm2d(eps=1e-3, momentum=0.3), shape[1:], seed, dtype)
    theirs = torch.nn.BatchNorm2d(shape[1], eps=1e-3, momentum=0.3)
    x = pictures(shape, seed, dtype) * 2 + 1
    assert_as_in_pytorch(ours, theirs, x.astype(dtype), seed, training=training)


def test_running_statistics_of_pictures_over_several_batches_as_in_pytorch():
    torch = pytest.importorskip("torch")
    ours, theirs = BatchNorm2d(), torch.nn.BatchNorm2d(3)
    ours.build((3, 4, 5))
    bind(ours.parameters, np.float32)
    for seed in range(20):
        x = pictures((6, 3, 4, 5), seed) * 3 + 2
        ours.forward(x, training=True)
        theirs(torch.tensor(x))
    for name, buffer in theirs.named_buffers():
        np.testing.assert_allclose(ours.buffers[name], buffer.numpy(), rtol=1e-5, atol=1e-6)
    assert ours.buffers["num_batches_tracked"] == 20


@given(shape=st.tuples(*[st.integers(1, 7)] * 4), seed=SEEDS, dtype=TYPES)
def test_global_avg_pool2d_as_in_pytorch(shape: tuple[int, ...], seed: int, dtype: Any):
    torch = pytest.importorskip("torch")
    layer = GlobalAvgPool2d()
    assert layer.build(shape[1:]) == (shape[1], 1, 1)
    assert_as_in_pytorch(layer, torch.nn.AdaptiveAvgPool2d(1), pictures(shape, seed, dtype), seed)


# Known values.


def test_a_convolution_by_hand():
    layer = built(Conv2d(1, 2), (1, 3, 3))
    layer.parameters[0].value[...] = [[[[1, 10], [100, 1000]]]]
    layer.parameters[1].value[...] = 0.5
    y, backward = layer.forward(np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3), training=True)
    # The kernel is not turned around: 1 * 1 + 10 * 2 + 100 * 4 + 1000 * 5 + 0.5.
    np.testing.assert_array_equal(y, [[[[5421.5, 6532.5], [8754.5, 9865.5]]]])
    dx = backward(np.array([[[[1, 0], [0, 2]]]], np.float32))
    np.testing.assert_array_equal(dx, [[[[1, 10, 0], [100, 1002, 20], [0, 200, 2000]]]])
    np.testing.assert_array_equal(layer.parameters[0].gradient, [[[[1 + 2 * 5, 2 + 2 * 6], [4 + 2 * 8, 5 + 2 * 9]]]])
    np.testing.assert_array_equal(layer.parameters[1].gradient, [3])


def test_padding_counts_in_the_mean_and_never_is_the_largest():
    x = np.full((1, 1, 2, 2), -4.0)
    mean, _ = built(AvgPool2d(2, padding=1), (1, 2, 2)).forward(x, training=False)
    largest, _ = built(MaxPool2d(2, padding=1), (1, 2, 2)).forward(x, training=False)
    np.testing.assert_array_equal(mean, np.full((1, 1, 2, 2), -1.0))
    np.testing.assert_array_equal(largest, x)


def test_fans_and_names_are_those_of_the_weight():
    layer = Conv2d(8, (3, 5))
    assert layer.build((4, 9, 9)) == (8, 7, 5)
    weight, bias = layer.parameters
    assert (weight.name, weight.shape, weight.fan_in, weight.fan_out) == ("weight", (8, 4, 3, 5), 60, 120)
    assert (bias.name, bias.shape, bias.fan_in) == ("bias", (8,), 0)


def test_arguments_are_written_as_in_pytorch():
    (layer,) = parse_layers("Conv2d(8, (3, 5), stride=(1, 2), padding=1, bias=False)")
    assert isinstance(layer, Conv2d)
    assert (layer.kernel, layer.stride, layer.padding, layer.bias) == ((3, 5), (1, 2), (1, 1), False)
    (layer,) = parse_layers("MaxPool2d((2, 3))")
    assert isinstance(layer, MaxPool2d)
    assert (layer.kernel, layer.stride, layer.padding) == ((2, 3), (2, 3), (0, 0))


def test_the_first_convolution_spares_the_gradient_of_the_data():
    x, text = pictures((4, 2, 6, 6), 0), "Conv2d(3, 3), ReLU, Conv2d(2, 3), Flatten, Linear(2)"
    lean, full = (Sequential(text, (2, 6, 6), input_gradient=wanted) for wanted in (False, True))
    assert lean.forward(x, training=True)[1](np.ones((4, 2), np.float32)) is None
    assert full.forward(x, training=True)[1](np.ones((4, 2), np.float32)).shape == x.shape
    np.testing.assert_array_equal(lean.gradients, full.gradients)


# Mistakes.


@pytest.mark.parametrize(
    "text", ["Conv2d(3, 2)", "MaxPool2d(2)", "AvgPool2d(2)", "GlobalAvgPool2d", "BatchNorm2d", "Dropout2d"]
)
def test_a_vector_is_refused_by_name_and_shape(text: str):
    name = text.partition("(")[0]
    with pytest.raises(ShapeError) as caught:
        Sequential(f"Flatten, {text}", (1, 28, 28))
    assert str(caught.value) == (
        f"layer 1: {name} takes samples of shape (channels, height, width), not (784,); "
        "the shape comes from layer 0 (Flatten)"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Conv2d(3, 6)", "Conv2d's kernel, 6x6, is larger than the 5x4 picture"),
        ("Conv2d(3, (5, 7), padding=(0, 1))", "Conv2d's kernel, 5x7, is larger than the 5x6 picture with its padding"),
        ("MaxPool2d((6, 1))", "MaxPool2d's kernel, 6x1, is larger than the 5x4 picture"),
        (
            "AvgPool2d((1, 8), padding=(0, 1))",
            "AvgPool2d's kernel, 1x8, is larger than the 5x6 picture with its padding",
        ),
    ],
)
def test_a_kernel_larger_than_the_picture_is_refused_with_both_sizes(text: str, problem: str):
    with pytest.raises(ShapeError) as caught:
        Sequential(f"{text}, Flatten, Linear(2)", (1, 5, 4))
    assert str(caught.value) == f"layer 0: {problem}; the shape comes from the data"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Conv2d(3)", "missing a required argument: 'kernel_size'"),
        ("Conv2d(0, 3)", "out_channels 0 must be a whole number >= 1"),
        ("Conv2d(3, 0)", "kernel_size 0 must be a whole number >= 1"),
        ("Conv2d(3, 2.5)", "kernel_size 2.5 must be a whole number or a pair"),
        ("Conv2d(3, '3')", "kernel_size '3' must be a whole number or a pair"),
        ("Conv2d(3, True)", "kernel_size True must be a whole number or a pair"),
        ("Conv2d(3, (2, 0))", "kernel_size (2, 0) must be a whole number >= 1"),
        ("Conv2d(3, (2, 2, 2))", "kernel_size (2, 2, 2) must be a pair"),
        ("Conv2d(3, (2,))", "kernel_size (2,) must be a pair"),
        ("Conv2d(3, 3, stride=0)", "stride 0 must be a whole number >= 1"),
        ("Conv2d(3, 3, padding=-1)", "padding -1 must be a whole number >= 0"),
        ("Conv2d(3, 3, padding='same')", "padding 'same' must be a whole number or a pair"),
        ("Conv2d(3, 3, 1, 1, False)", "too many positional arguments"),
        ("MaxPool2d", "missing a required argument: 'kernel_size'"),
        ("MaxPool2d(2, 0)", "stride 0 must be a whole number >= 1"),
        ("MaxPool2d(3, padding=2)", "MaxPool2d's padding, (2, 2), must be at most half its kernel, (3, 3)"),
        ("AvgPool2d((4, 2), padding=(1, 2))", "AvgPool2d's padding, (1, 2), must be at most half its kernel, (4, 2)"),
        ("MaxPool2d((3, 9), padding=(2, 1))", "MaxPool2d's padding, (2, 1), must be at most half its kernel, (3, 9)"),
        ("Dropout2d(1.5)", "p 1.5 must be a number <= 1"),
    ],
)
def test_arguments_that_do_not_fit_are_named(text: str, message: str):
    with pytest.raises(UserError) as caught:
        parse_layers(text)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


# Dropout of channels, which is random.


def dropped(p: float, x: np.ndarray, *, seed: int = 0, draws: int = 0) -> np.ndarray:
    layer = Dropout2d(p)
    layer.seed, layer.draws = seed, draws
    return layer.forward(x, training=True)[0]


def test_a_channel_is_kept_or_dropped_whole_and_the_mean_is_kept():
    y = dropped(0.3, np.ones((200, 100, 2, 3), np.float32))
    channels = y.reshape(200 * 100, 6)
    np.testing.assert_array_equal(channels, np.repeat(channels[:, :1], 6, axis=1))
    kept = channels[:, 0] != 0
    np.testing.assert_allclose(channels[kept], 1 / 0.7, rtol=1e-6)
    assert kept.mean() == pytest.approx(0.7, abs=5 * np.sqrt(0.3 * 0.7 / kept.size))


def test_channels_and_samples_are_dropped_independently():
    kept = (dropped(0.5, np.ones((200, 100, 1, 2), np.float32))[..., 0, 0] != 0) - 0.5
    for shifted in (np.roll(kept, 1, axis=0), np.roll(kept, 1, axis=1)):
        assert abs((kept * shifted).mean() * 4) < 5 / np.sqrt(kept.size)


def test_dropout2d_of_nothing_and_of_all():
    x = pictures((4, 5, 2, 2), 0)
    np.testing.assert_array_equal(dropped(0.0, x), x)
    np.testing.assert_array_equal(dropped(1.0, x), np.zeros_like(x))


@given(seed=SEEDS, p=st.floats(0, 1), draws=st.integers(0, 10**6))
def test_dropout2d_is_a_function_of_seed_and_draws_and_goes_back_through_the_same_mask(seed: int, p: float, draws: int):
    layer = Dropout2d(p)
    layer.seed, layer.draws = seed, draws
    x = np.ones((3, 8, 2, 2), np.float32)
    y, backward = layer.forward(x, training=True)
    assert layer.draws == draws + 1
    layer.forward(x, training=True)
    np.testing.assert_array_equal(backward(x), y)
    np.testing.assert_array_equal(dropped(p, x, seed=seed, draws=draws), y)
    large = np.ones((10, 20, 1, 1), np.float32)
    assert (dropped(0.5, large, seed=seed, draws=draws + 1) != dropped(0.5, large, seed=seed, draws=draws)).any()


def test_dropout2d_leaves_evaluation_alone():
    layer, x = Dropout2d(0.5), pictures((2, 3, 2, 2), 0)
    y, backward = layer.forward(x, training=False)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(backward(2 * x), 2 * x)
    assert layer.draws == 0
