import re
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.datasets import Dataset
from engine.health.probe import Probe
from engine.layers import Leaf
from engine.training import commands as c
from engine.training import events as e
from engine.training.inspection import inspect_layer, outputs_of
from engine.training.learner import Learner

Learn = Callable[..., Learner]

MODEL = (
    "Conv2d(6, 2), ReLU, MaxPool2d(2), Residual(Conv2d(6, 1), BatchNorm2d), ReLU, Flatten, "
    "Linear(24), Tanh, Linear(7), BatchNorm1d, Sigmoid, Dropout(0.5), Linear(3)"
)
GIVEN = {
    "0": "Conv2d(6, 2), ReLU, MaxPool2d(2)",
    "3.0": "Conv2d(6, 1)",
    "3.1": "BatchNorm2d, ReLU",
    "6": "Linear(24), Tanh",
    "8": "Linear(7)",
    "9": "BatchNorm1d, Sigmoid",
    "12": "Linear(3)",
}
"""What is counted of each layer."""

PICTURES = c.PicturesWish(20, 20, count=40)


def trained(learn: Learn, **settings: Any) -> Learner:
    learner = learn(**{"model": MODEL, "init": "normal(1)", "lr": 0.05, **settings})
    for _ in range(9):
        learner.train_step(9)
        learner.end_epoch()
    return learner


def outputs(learner: Learner, x: np.ndarray) -> dict[str, tuple[Leaf, np.ndarray]]:
    """What each leaf gives, from the layers' own forward."""
    found: dict[str, tuple[Leaf, np.ndarray]] = {}
    leaves = {id(leaf.layer): leaf for leaf in learner.model.leaves}

    def through(layers: Any, y: np.ndarray) -> np.ndarray:
        for layer in layers:
            if id(layer) in leaves:
                y = layer.forward(y, training=False)[0]
                found[leaves[id(layer)].name] = leaves[id(layer)], y
            else:
                y = y + through(layer.chain, y)
        return y

    through(learner.model.layers, x)
    return found


def assert_counted(found: e.Tally, numbers: np.ndarray) -> None:
    """The tally is NumPy's, but for numbers that float32 rounds over an edge."""
    expected, ends = np.histogram(numbers, len(found.counts), range=(found.low, found.high))
    near = np.abs(numbers.reshape(-1, 1) - ends).min(axis=1) < 1e-4 * (found.high - found.low)
    assert np.abs(np.cumsum(found.counts) - np.cumsum(expected)).max() <= near.sum()
    assert found.total == numbers.size


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("place", range(len(GIVEN)))
def test_counts_are_those_of_numpy(
    learn: Learn, tiny_data: Dataset, place: int, compiled: bool, monkeypatch: pytest.MonkeyPatch
):
    learner = trained(learn)
    if not compiled:
        monkeypatch.setattr(learner, "not_compiled", "a layer")
    event = inspect_layer(learner, c.InspectLayer(place, bins=31), 0)
    leaf = learner.model.learning_layers[place]
    weight = leaf.layer.parameters[0]
    assert (event.name, event.layer, event.layer_count) == (leaf.name, place, len(GIVEN))
    assert_counted(event.weights, weight.value)
    assert event.gradients is not None
    assert weight.gradient.any()
    assert_counted(event.gradients, weight.gradient)
    assert event.given == (GIVEN[leaf.name] if compiled else GIVEN[leaf.name].replace(", MaxPool2d(2)", ""))
    assert event.samples == len(tiny_data.train)
    kind = re.split(r", (?=[A-Z])", event.given)[-1].partition("(")[0]
    given = outputs(learner, tiny_data.train.x)
    names = list(given)
    last = next(n for n in names[names.index(leaf.name) :] if given[n][0].text.startswith(kind))
    assert_counted(event.activations, given[last][1])
    assert event.activations.mean == pytest.approx(given[last][1].mean(), rel=1e-3, abs=1e-5)


def test_dead_and_saturated_units_are_counted_as_numpy_counts_them(learn: Learn, tiny_data: Dataset):
    learner = trained(learn)
    learner.model.parameters["0.bias"].value[[1, 4]] = -1e3
    event = inspect_layer(learner, c.InspectLayer(0), 0)
    given = {name: y for name, (_, y) in outputs(learner, tiny_data.train.x).items()}
    figures = {each.layer: each for each in event.units}
    assert list(figures) == list(GIVEN)
    assert {name: each.units for name, each in figures.items()} == {
        "0": 6, "3.0": 6, "3.1": 6, "6": 24, "8": 7, "9": 7, "12": 3,
    }  # fmt: skip
    for layer, activation in (("0", "1"), ("3.1", "4")):
        active = (given[activation] > 0).any(axis=(2, 3)).mean(axis=0)
        assert figures[layer].dead == (active < 0.01).sum()
        assert figures[layer].saturated is None
    assert {1, 4} <= set(event.dead)
    assert len(event.dead) == figures["0"].dead
    assert figures["6"].saturated == pytest.approx((np.abs(given["7"]) > 0.97).mean(), abs=1e-3)
    assert figures["9"].saturated == pytest.approx(((given["10"] < 0.03) | (given["10"] > 0.97)).mean(), abs=1e-3)
    assert {figures[name].dead for name in ("3.0", "6", "8", "9", "12")} == {None}
    assert {figures[name].saturated for name in ("3.0", "8", "12")} == {None}


def test_a_unit_is_dead_that_less_than_a_hundredth_of_the_samples_wakes(learn: Learn, tiny_data: Dataset):
    learner = learn(model="Flatten, Linear(12), ReLU, Linear(3)")
    x = tiny_data.train.x.reshape(len(tiny_data.train), -1).astype(np.float64)
    weight, bias = (learner.model.parameters[f"1.{name}"].value for name in ("weight", "bias"))
    # Unit n is awake for n of the 108 samples: the bias lies between the n-th and the next largest product.
    ordered = np.sort(x @ weight.T.astype(np.float64), axis=0)[::-1]
    for unit in range(12):
        above = ordered[unit - 1, unit] if unit else ordered[0, unit] + 1
        bias[unit] = -(above + ordered[unit, unit]) / 2
    event = inspect_layer(learner, c.InspectLayer(0), 0)
    assert event.dead == (0, 1)
    assert event.units[0].dead == 2


def test_edges_that_are_sent_again_are_kept_and_the_tails_counted(learn: Learn):
    learner = trained(learn)
    first = inspect_layer(learner, c.InspectLayer(6, bins=20), 0)
    assert first.gradients is not None
    edges = tuple((item.low, item.high) for item in (first.weights, first.gradients, first.activations))
    weight = learner.model.parameters["12.weight"].value
    weight *= 4
    weight[0, 0], weight[1, 1] = np.nan, np.inf
    second = inspect_layer(learner, c.InspectLayer(6, bins=20, edges=edges), 0)
    assert (second.weights.low, second.weights.high) == edges[0]
    assert second.weights.under == (weight < edges[0][0]).sum() > 0
    assert second.weights.over == (np.isfinite(weight) & (weight > edges[0][1])).sum() > 0
    assert (second.weights.not_a_number, second.weights.infinite) == (1, 1)


def test_there_are_no_gradients_before_the_first_step(learn: Learn):
    assert inspect_layer(learn(), c.InspectLayer(0), 0).gradients is None


@pytest.mark.parametrize("digit", [0, 7, 31])
def test_maps_are_what_a_layer_gives_for_the_digit(learn: Learn, tiny_data: Dataset, digit: int):
    learner = trained(learn)
    x = tiny_data.test.x[[digit % 30]]
    given = outputs(learner, x)
    for place, activation in ((0, "1"), (1, "3.0"), (3, "7")):
        event = inspect_layer(learner, c.InspectLayer(place, maps=PICTURES), digit)
        assert event.digit == digit % 30
        assert event.maps is not None
        y = given[activation][1][0]
        assert event.maps.count == (y.shape[0] if y.ndim == 3 else 1)
        values = np.frombuffer(event.maps.values, np.int8) / 127 * event.maps.bound
        np.testing.assert_allclose(values[: y.size], y.ravel(), atol=event.maps.bound / 127)
        assert event.sample is not None
        pixels = np.frombuffer(event.sample.values, np.int8) / 127 * event.sample.bound
        np.testing.assert_allclose(pixels, tiny_data.pixels(x).ravel(), atol=1 / 127)


def test_looking_changes_nothing_that_is_learned(learn: Learn):
    left_alone, watched = learn(model=MODEL), learn(model=MODEL)
    for place in range(8):
        for learner in (left_alone, watched):
            learner.train_step(3)
            learner.end_epoch()
        inspect_layer(watched, c.InspectLayer(place, weights=PICTURES, maps=PICTURES), place)
    assert watched.model.values.tobytes() == left_alone.model.values.tobytes()
    assert all("forward" not in vars(leaf.layer) for leaf in watched.model.leaves)
    for name, buffer in left_alone.model.buffers.items():
        np.testing.assert_array_equal(watched.model.buffers[name], buffer)


def test_a_layer_that_fails_is_left_as_it_was(learn: Learn, tiny_data: Dataset):
    model = learn().model
    with pytest.raises(ValueError, match="matmul"):
        outputs_of(model, tiny_data.test.x[:2, :, :3], [model.layers[2]])
    assert "forward" not in vars(model.layers[2])


def test_of_many_activations_those_of_fewer_samples_are_counted(learn: Learn, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.training.inspection.COUNTED", 100)
    learner = learn()
    event = inspect_layer(learner, c.InspectLayer(0), 0)
    assert event.samples == 100 // 8
    assert event.activations.total == event.samples * 8
    probe = Probe(learner).samples.x[: event.samples]
    assert_counted(event.activations, outputs_of(learner.model, probe, [learner.model.layers[2]])[0])


def test_a_trainer_answers_with_an_event_that_can_be_written_down(train: Any):
    wish = c.InspectLayer(-1, weights=PICTURES, maps=PICTURES)
    run = train(c.StepDigit(+4), wish, c.InspectLayer(0, bins=0), linger=True)
    event = run.the(e.LayerInspected)
    assert msgspec.json.decode(msgspec.json.encode(event), type=e.AnyEvent) == event
    assert msgspec.json.decode(msgspec.json.encode(wish), type=c.AnyCommand) == wish
    assert event.step == run.learner.position.step
    assert event.digit == 4
    assert event.layer == event.layer_count - 1
    assert event.seconds > 0
    assert "bins 0" in run.the(e.CommandRefused).reason
