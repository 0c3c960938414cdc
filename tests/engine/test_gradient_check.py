from collections.abc import Iterator

import numpy as np
import pytest

from engine.arrays import Array, Shape
from engine.errors import UserError
from engine.gradient_check import GradientRow, check_everything, check_model
from engine.layers import Backward, Layer, layers
from engine.layers.linear import Linear
from engine.layers.residual import Residual
from engine.layers.tanh import Tanh
from engine.losses import losses
from engine.parameters import Parameter


@pytest.fixture(scope="module")
def rows() -> list[GradientRow]:
    return check_everything()


def test_every_gradient_is_good(rows: list[GradientRow]):
    assert [row for row in rows if row.verdict != "good"] == []


def test_every_layer_and_loss_is_checked(rows: list[GradientRow]):
    subjects = {row.subject.split(":")[0] for row in rows}
    assert subjects >= {*layers.names(), *losses.names()}
    assert any("label_smoothing" in subject for subject in subjects)
    assert {row.subject for row in rows} >= {"bce: 2 Linear(1)", "bce: 2 Linear(4)"}


def test_each_layer_stands_in_its_own_net(rows: list[GradientRow]):
    for name in layers.names():
        (text,) = {row.subject.split(": ")[1] for row in rows if row.subject.startswith(f"{name}: 0")}
        assert name in text or text == "0 Linear(6)"
    inside = {row.subject for row in rows if row.subject.startswith("Residual: 1.")}
    assert inside == {"Residual: 1.0 Linear(5)", "Residual: 1.2 Linear(6)"}


def test_rows_name_each_tensor_with_its_shape():
    found = [(row.subject, row.tensor, row.shape) for row in check_model("Flatten, Linear(3), Tanh", (2, 2), batch=5)]
    assert found == [
        ("1 Linear(3)", "weight", (3, 4)),
        ("1 Linear(3)", "bias", (3,)),
        ("0 Flatten", "input", (5, 2, 2)),
    ]


def test_rows_name_each_tensor_inside_a_residual():
    rows = check_model("Residual(Conv2d(2, 3, padding=1), BatchNorm2d), Flatten, Linear(3)", (2, 3, 3), batch=5)
    assert [(row.subject, row.tensor, row.shape) for row in rows] == [
        ("0.0 Conv2d(2, 3, padding=1)", "weight", (2, 2, 3, 3)),
        ("0.0 Conv2d(2, 3, padding=1)", "bias", (2,)),
        ("0.1 BatchNorm2d", "weight", (2,)),
        ("0.1 BatchNorm2d", "bias", (2,)),
        ("2 Linear(3)", "weight", (3, 18)),
        ("2 Linear(3)", "bias", (3,)),
        ("0.0 Conv2d(2, 3, padding=1)", "input", (5, 2, 3, 3)),
    ]


def test_the_same_seed_gives_the_same_rows():
    text = "Linear(6), Dropout(0.5), ReLU, Linear(3)"
    assert check_model(text, (4,), seed=3) == check_model(text, (4,), seed=3)
    assert check_model(text, (4,), seed=3) != check_model(text, (4,), seed=4)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "model",
    [
        "Conv2d(4, 3, padding=1), ReLU, MaxPool2d(2), Conv2d(4, (2, 3), stride=2), ReLU, Flatten, Linear(10)",
        "Conv2d(4, 3), BatchNorm2d, ReLU, Residual(Conv2d(4, 3, padding=1), BatchNorm2d, ReLU, Dropout2d(0.3), "
        "Conv2d(4, 3, padding=1), BatchNorm2d), ReLU, MaxPool2d(3, 2, 1), GlobalAvgPool2d, Flatten, Linear(10)",
    ],
)
def test_whole_models_of_pictures_are_never_falsely_called_wrong(model: str, seed: int):
    assert {row.verdict for row in check_model(model, (1, 8, 8), seed=seed)} <= {"good", "kinks"}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "model",
    [
        "Flatten, Linear(64), ReLU, Dropout(0.3), Linear(10)",
        "Flatten, Linear(20), Sigmoid, Linear(20), Sigmoid, Linear(20), Sigmoid, Linear(20), Sigmoid, Linear(10)",
        "Flatten, Linear(32), BatchNorm1d, LeakyReLU(0.2), Linear(32), BatchNorm1d, Tanh, Linear(10)",
    ],
)
def test_whole_models_are_never_falsely_called_wrong(model: str, seed: int):
    assert {row.verdict for row in check_model(model, (1, 12, 12), seed=seed)} <= {"good", "kinks"}


class Broken(Layer):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        return np.tanh(x), lambda dy: dy * (1 - np.tanh(x) ** 2) * self.factor


class ForgetsBias(Linear):
    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        y, _ = super().forward(x, training=training)
        return y, lambda dy: self._back(x, dy)

    def _back(self, x: Array, dy: Array) -> Array:
        np.matmul(dy.T, x, out=self.parameters[0].gradient)
        return dy @ self.parameters[0].value


class AddsItsGradient(ForgetsBias):
    def _back(self, x: Array, dy: Array) -> Array:
        self.parameters[0].gradient += dy.T @ x
        self.parameters[1].gradient += dy.sum(axis=0)
        return dy @ self.parameters[0].value


class ForgetsItsScale(Layer):
    """Right only where training starts, at a scale of 1."""

    def build(self, input_shape: Shape) -> Shape:
        self.parameters = [Parameter("weight", input_shape, fill=1.0)]
        return input_shape

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        weight = self.parameters[0]

        def backward(dy: Array) -> Array:
            weight.gradient[...] = (dy * x).sum(axis=0)
            return dy

        return x * weight.value, backward


class OneCoordinate(Linear):
    """Only one of the coordinates of its weight has a wrong gradient."""

    def build(self, input_shape: Shape) -> Shape:
        return super().build(input_shape)

    def forward(self, x: Array, *, training: bool) -> tuple[Array, Backward]:
        y, right = super().forward(x, training=training)

        def backward(dy: Array) -> Array | None:
            dx = right(dy)
            self.parameters[0].gradient[-1, -1] += 1e-3
            return dx

        return y, backward


def wrong(chain: list[Layer]) -> list[tuple[str, str]]:
    return [(row.subject, row.tensor) for row in check_model(chain, (30,), seed=1) if row.verdict == "wrong"]


@pytest.mark.parametrize("factor", [0.0, -1.0, 1.01, 1 + 1e-5, np.nan, np.inf])
def test_a_wrong_input_gradient_is_caught(factor: float):
    caught = wrong([Linear(6), Broken(factor), Linear(4)])
    assert caught == [("0 Linear", "weight"), ("0 Linear", "bias"), ("0 Linear", "input")]


def test_a_gradient_that_is_never_written_is_caught():
    assert wrong([Linear(6), Tanh(), ForgetsBias(4)]) == [("2 ForgetsBias", "bias")]


def test_a_gradient_that_is_added_rather_than_written_is_caught():
    assert wrong([Linear(6), Tanh(), AddsItsGradient(4)]) == [
        ("2 AddsItsGradient", "weight"),
        ("2 AddsItsGradient", "bias"),
    ]


def test_a_factor_that_is_1_at_the_start_is_not_forgotten():
    assert ("0 Linear", "weight") in wrong([Linear(6), ForgetsItsScale(), Linear(4)])


def test_one_wrong_coordinate_of_thousands_is_caught():
    assert wrong([Linear(200), Tanh(), OneCoordinate(10)]) == [("2 OneCoordinate", "weight")]


def test_a_wrong_gradient_inside_a_residual_is_caught():
    assert wrong([Linear(6), Residual(Linear(6), ForgetsBias(6))]) == [("1.1 ForgetsBias", "bias")]


def test_the_row_shows_where_it_is_worst():
    row = check_model([Broken(2.0), Linear(3)], (4,))[-1]
    assert row.tensor == "input"
    assert row.analytic == pytest.approx(2 * row.numeric, rel=1e-4)
    assert row.error == pytest.approx(0.5, rel=1e-4)


@pytest.fixture
def registered() -> Iterator[str]:
    layers.register("Broken")(type("BrokenByDefault", (Broken,), {"__init__": lambda self: Broken.__init__(self, 0.5)}))
    yield "Broken"
    del layers._items["Broken"]


def test_a_new_layer_is_checked_without_a_list(registered: str):
    bad = {row.subject.split(":")[0] for row in check_everything() if row.verdict == "wrong"}
    assert bad == {registered}


@pytest.mark.parametrize(
    ("model", "loss", "part"),
    [
        ("Linear(4)", "cros_entropy", "did you mean 'cross_entropy'"),
        ("Linear(2)", "bce", "layer 0 (Linear) gives (2,), but the loss bce with 2 classes needs (1,)"),
        ("Conv9", "mse", "unknown layer 'Conv9'"),
    ],
)
def test_mistakes_are_told_in_one_line(model: str, loss: str, part: str):
    with pytest.raises(UserError) as caught:
        check_model(model, (3,), loss)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)
