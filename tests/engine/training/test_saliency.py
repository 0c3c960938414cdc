"""Saliency against PyTorch's autograd, occlusion against what it means, worked out a picture at a time."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine import datasets
from engine.datasets.base import Dataset
from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.config import make_config
from engine.training.epoch_ends import EpochEnds
from engine.training.explanations import explain_digit
from engine.training.learner import Learner
from engine.training.saliency import _squares, gradient_map, occlusion_map
from engine.training.varied_digits import varied

MODEL = (
    "Conv2d(4, 5, padding=2), BatchNorm2d, ReLU, MaxPool2d(2), Residual(Conv2d(4, 3, padding=1), Tanh), Flatten, "
    "Linear(20), Sigmoid, Linear(outputs)"
)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return datasets.load("mnist-5k")


@pytest.fixture(scope="module")
def learner(digits: Dataset) -> Iterator[Learner]:
    """After some steps, so that running statistics and weights are not those of the start."""
    learner = Learner(make_config({"model": MODEL, "batch_size": 50, "lr": 0.01, "seed": 3}), digits)
    for _ in range(30):
        learner.train_step(5)
    yield learner
    learner.close()


def in_torch(learner: Learner) -> Any:
    torch = pytest.importorskip("torch")
    nn = torch.nn

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inside = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.Tanh())

        def forward(self, x: Any) -> Any:
            return x + self.inside(x)

    net = nn.Sequential(
        nn.Conv2d(1, 4, 5, padding=2), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), Residual(), nn.Flatten(),
        nn.Linear(784, 20), nn.Sigmoid(), nn.Linear(20, 10),
    ).double().eval()  # fmt: skip
    tensors = {name: p.value for name, p in learner.model.parameters.items()} | learner.model.buffers
    state = {name.replace("4.", "4.inside.", 1) if name.startswith("4.") else name: a for name, a in tensors.items()}
    net.load_state_dict({name: torch.tensor(np.array(array)) for name, array in state.items()})
    return net


@pytest.mark.parametrize("index", [0, 7, 123])
@pytest.mark.parametrize("shown_class", [0, 4, 9])
def test_a_gradient_map_is_that_of_autograd(learner: Learner, index: int, shown_class: int):
    torch = pytest.importorskip("torch")
    x = learner.dataset.test.x[index : index + 1]
    net = in_torch(learner)
    mean, std = float(learner.dataset.input_mean), float(learner.dataset.input_std)
    pixels = torch.tensor(x.astype(np.float64) * std + mean, requires_grad=True)
    net((pixels - mean) / std)[0, shown_class].backward()
    expected = pixels.grad[0, 0].numpy()
    found = gradient_map(learner, x, shown_class)
    assert found == pytest.approx(expected, abs=1e-4 * np.abs(expected).max())


def test_of_several_channels_the_strongest_is_shown():
    random = np.random.default_rng(0)
    learner = Learner(make_config({"model": "Flatten, Linear(outputs)"}), _colours(random))
    x = learner.dataset.test.x[:1]
    weights = learner.model.parameters["1.weight"].value[1].reshape(3, 4, 5) / learner.dataset.input_std
    place = np.abs(weights).argmax(axis=0)
    assert gradient_map(learner, x, 1) == pytest.approx(np.take_along_axis(weights, place[None], 0)[0], rel=1e-5)


def _colours(random: np.random.Generator) -> Dataset:
    from engine.datasets.base import Split

    def split(count: int) -> Split:
        return Split(random.normal(size=(count, 3, 4, 5)).astype(np.float32), np.arange(count) % 2)

    return Dataset("colours", split(40), split(4), split(4), ("a", "b"), 0.4, 0.25, "made here")


def test_with_one_output_the_first_class_is_its_negative():
    random = np.random.default_rng(0)
    learner = Learner(make_config({"model": "Flatten, Linear(1)", "loss": "bce"}), _colours(random))
    x = learner.dataset.test.x[:1]
    assert gradient_map(learner, x, 0) == pytest.approx(-gradient_map(learner, x, 1))


def test_an_occlusion_map_is_the_mean_fall_over_the_squares_that_cover_a_pixel(learner: Learner):
    x = learner.dataset.test.x[3:4]
    paper = x.min()  # black, which is at the border of each digit of MNIST
    before = learner.predict(x)[1][0, 7]
    found = occlusion_map(learner, x, 7, before)
    for row, column in ((0, 0), (13, 14), (9, 20), (27, 27)):
        falls = []
        for top in range(-2, 28, 2):
            for left in range(-2, 28, 2):
                if top <= row < top + 4 and left <= column < left + 4:
                    covered = x.copy()
                    covered[..., max(top, 0) : top + 4, max(left, 0) : left + 4] = paper
                    falls.append(before - learner.predict(covered)[1][0, 7])
        assert len(falls) in (1, 2, 4)
        assert found[row, column] == pytest.approx(np.mean(falls), abs=1e-5)


@pytest.mark.parametrize("side", [1, 2, 3, 5, 8, 14, 28, 29, 32, 64, 100, 127, 128])
@pytest.mark.parametrize("ratio", [1, 3])
def test_squares_cover_all_pixels_and_are_never_many(side: int, ratio: int):
    height, width = side, max(1, side // ratio)
    count = np.zeros((height, width))
    for rows, columns in _squares(height, width):
        count[rows, columns] += 1
    assert count.min() >= 1


def test_looking_changes_nothing(learner: Learner):
    def state() -> tuple[bytes, bytes, list[bytes], list[bool]]:
        model = learner.model
        spared = [leaf.layer.needs_input_gradient for leaf in model.leaves]
        return (
            model.values.tobytes(),
            model.gradients.tobytes(),
            [array.tobytes() for array in model.buffers.values()],
            spared,
        )

    before = state()
    explain_digit(learner, c.ExplainDigit(), 4, EpochEnds())
    assert state() == before


def test_an_explanation_tells_what_speaks_for_the_answer(learner: Learner):
    count = len(learner.dataset.test)
    event = explain_digit(learner, c.ExplainDigit(), count + 2, EpochEnds())
    assert (event.index, event.height, event.width) == (2, 28, 28)
    x = learner.dataset.test.x[2:3]
    answers, probabilities = learner.predict(x)
    answer = event.answer
    assert answer == answers[0]
    for told, bound, exact in (
        (event.gradient, event.gradient_bound, gradient_map(learner, x, answer)),
        (event.occlusion, event.occlusion_bound, occlusion_map(learner, x, answer, probabilities[0, answer])),
    ):
        values = np.frombuffer(told, np.int8).reshape(28, 28) * bound / 127
        assert values == pytest.approx(exact, abs=0.51 * bound / 127)
        assert np.abs(np.frombuffer(told, np.int8)).max() == 127


def test_what_is_explained_is_the_changed_picture(learner: Learner):
    change = c.Variation(right=3, rotation=-20, noise=0.3)
    event = explain_digit(learner, c.ExplainDigit(variation=change), 2, EpochEnds())
    x = varied(learner.dataset, learner.dataset.test.x[2:3], [change])
    values = np.frombuffer(event.gradient, np.int8).reshape(28, 28) * event.gradient_bound / 127
    assert values == pytest.approx(gradient_map(learner, x, event.answer), abs=0.51 * event.gradient_bound / 127)
    assert event.answer == event.path[-1].answer == learner.predict(x)[0][0]
    pixels = np.frombuffer(event.pixels, np.uint8).reshape(28, 28) / 255
    assert pixels == pytest.approx(learner.dataset.pixels(x)[0, 0], abs=0.51 / 255)


def test_maps_are_what_pytorchs_layers_give_and_templates_the_first_weights(learner: Learner):
    torch = pytest.importorskip("torch")
    wish = c.PicturesWish(28, 28, count=4)
    event = explain_digit(learner, c.ExplainDigit(templates=wish, maps=wish, layers=(0, 3)), 6, EpochEnds())
    net = in_torch(learner)
    x = torch.tensor(learner.dataset.test.x[6:7].astype(np.float64))
    # Each with the activation behind it, where no other layer that learns comes between.
    expected = [net[:1](x)[0], net[:3](x)[0], net[4].inside(net[:4](x))[0]]
    assert event.maps[0].label == "0 Conv2d(4, 5, padding=2)"
    assert [layer.units for layer in event.maps] == [4, 4, 4]
    for layer, values in zip(event.maps, expected, strict=True):
        part = layer.pictures
        found = np.frombuffer(part.values, np.int8).reshape(part.shown, -1) * part.bound / 127
        assert found == pytest.approx(values.detach().numpy().reshape(part.shown, -1), abs=0.51 * part.bound / 127)
    weight = learner.model.parameters["0.weight"].value.reshape(4, -1)
    part = event.templates
    found = np.frombuffer(part.values, np.int8).reshape(4, -1) * part.bound / 127
    assert found == pytest.approx(weight, abs=0.51 * part.bound / 127)
    assert (event.kind, event.first_layer, event.layer_count) == ("filters", 0, 5)


def test_a_table_has_no_pixels_to_speak_for_a_class():
    learner = Learner(make_config({"model": "Linear(outputs)"}), datasets.load("iris"))
    with pytest.raises(UserError, match="no pictures of classes"):
        explain_digit(learner, c.ExplainDigit(), 0, EpochEnds())


def test_weights_that_are_not_finite_are_told_apart(learn: Callable[..., Learner]):
    learner = learn()
    learner.model.values[...] = np.nan
    with np.errstate(all="ignore"):
        event = explain_digit(learner, c.ExplainDigit(), 0, EpochEnds())
    assert set(np.frombuffer(event.gradient, np.int8)) == {-128}
    assert event.gradient_bound == 0


def test_a_trainer_explains_the_digit_that_was_last_looked_at(train: Callable[..., Any]):
    plain = train()
    run = train(c.PredictDigit(11), c.ExplainDigit(), c.ExplainDigit(2), linger=True)
    assert [event.index for event in run.of(e.DigitExplained)] == [11, 2]
    assert run.weights == plain.weights
