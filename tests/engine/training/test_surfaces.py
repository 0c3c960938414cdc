from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import datasets
from engine.datasets.base import Dataset, Split, Target
from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.config import make_config
from engine.training.learner import Learner
from engine.training.surfaces import LARGEST_GRID, MOST_POINTS, blocks, map_boundary, map_units, plane_limits

COLUMNS, ROWS = 40, 30


@pytest.fixture(scope="module")
def spiral() -> Dataset:
    return datasets.load("spiral(samples=300)")


def make_learner(
    dataset: Dataset, model: str = "Linear(9), Tanh, Linear(7), ReLU, Linear(3)", **settings: Any
) -> Learner:
    learner = Learner(make_config({"model": model, "lr": 0.01, "batch_size": 30, **settings}), dataset)
    for _ in range(60):
        learner.train_step(10)
        learner.end_epoch()
    return learner


def exact(learner: Learner, points: np.ndarray) -> list[np.ndarray]:
    """What each Linear and each activation of the network gives in float64, from points in the features' own units."""
    dataset = learner.dataset
    y = (points - np.array(dataset.input_mean)) / np.array(dataset.input_std)
    outputs = []
    for leaf in learner.model.leaves:
        if leaf.text.startswith("Linear"):
            weight, bias = (parameter.value.astype(np.float64) for parameter in leaf.layer.parameters)
            y = y @ weight.T + bias
        elif leaf.text == "Tanh":
            y = np.tanh(y)
        else:
            assert leaf.text == "ReLU"
            y = np.maximum(y, 0)
        outputs.append(y)
    return outputs


def grid_of(event: e.BoundaryMapped) -> np.ndarray:
    """The grid's points as its event describes them."""
    x, y = np.linspace(*event.x, event.columns), np.linspace(event.y[1], event.y[0], event.rows)
    return np.array([(across, down) for down in y for across in x])


def test_a_boundary_is_that_of_a_forward_pass_in_float64(spiral: Dataset):
    learner = make_learner(spiral)
    event = map_boundary(learner, c.MapBoundary(COLUMNS, ROWS))
    learner.close()
    scores = exact(learner, grid_of(event))[-1]
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    answers = np.frombuffer(event.answers, np.uint16)
    best = np.frombuffer(event.probabilities, np.uint8) / 255
    at_answer = chances[np.arange(len(answers)), answers]
    assert np.abs(best - at_answer).max() < 0.5 / 255 + 1e-4
    assert (chances.max(axis=1) - at_answer).max() < 1e-4
    assert len(set(answers)) == 3  # it has learned something to compare


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_other_losses_have_a_boundary_as_well(loss: str):
    moons = datasets.load("moons(samples=200)")
    learner = make_learner(moons, f"Linear(6), Tanh, Linear({1 if loss == 'bce' else 2})", loss=loss)
    event = map_boundary(learner, c.MapBoundary(COLUMNS, ROWS))
    learner.close()
    scores = exact(learner, grid_of(event))[-1]
    yes = 1 / (1 + np.exp(-scores))
    chances = np.hstack([1 - yes, yes]) if loss == "bce" else np.clip(scores, 0, 1)
    best = np.frombuffer(event.probabilities, np.uint8) / 255
    assert np.abs(best - np.maximum(chances.max(axis=1), 1 / 255)).max() < 0.5 / 255 + 1e-4


def test_points_are_those_of_the_split_with_what_they_are_taken_for(spiral: Dataset):
    learner = make_learner(spiral)
    for name in ("train", "validation", "test"):
        event = map_boundary(learner, c.MapBoundary(2, 2, name))
        split = getattr(spiral, name)
        points = np.frombuffer(event.points, np.float32).reshape(-1, 2)
        np.testing.assert_allclose(points, split.x * np.array(spiral.input_std) + spiral.input_mean, atol=1e-6)
        assert np.array_equal(np.frombuffer(event.labels, np.uint16), split.labels)
        assert np.array_equal(np.frombuffer(event.taken_for, np.uint16), exact(learner, points)[-1].argmax(axis=1))
    assert map_boundary(learner, c.MapBoundary(2, 2, "")).points == b""
    learner.close()


def test_units_are_those_of_a_forward_pass_in_float64(spiral: Dataset):
    learner = make_learner(spiral)
    boundary = map_boundary(learner, c.MapBoundary(12, 11))
    learner.close()
    layers = exact(learner, grid_of(boundary))
    for layer, outputs in enumerate((layers[1], layers[3], layers[4])):
        event = map_units(learner, c.MapUnits(12, 11, layer, 1, 4))
        assert (event.first, event.unit_count, event.layer_count) == (1, outputs.shape[1], 3)
        values = np.frombuffer(event.values, np.int8).reshape(-1, 12 * 11)
        assert len(values) == len(event.bounds) == min(4, outputs.shape[1] - 1)
        for row, bound, unit in zip(values, event.bounds, outputs.T[1:5], strict=True):
            assert bound == pytest.approx(np.abs(unit).max(), rel=1e-4, abs=1e-6)
            assert np.abs(row / 127 * bound - unit).max() <= bound * (0.5 / 127 + 1e-4)


def test_a_layer_ends_where_the_next_weights_begin(spiral: Dataset):
    text = "Linear(8), BatchNorm1d, Tanh, Residual(Linear(8), ReLU), Dropout(0.1), Linear(3)"
    learner = Learner(make_config({"model": text}), spiral)
    found = blocks(learner.model)
    assert [block.label for block in found] == [
        "Linear(8), BatchNorm1d, Tanh",
        "Linear(8), ReLU, Dropout(0.1)",
        "Linear(3)",
    ]
    assert [block.end for block in found] == [3, 5, 6]
    assert [block.units for block in found] == [8, 8, 3]
    assert map_units(learner, c.MapUnits(3, 3, layer=4, first=9)).layer == 1
    assert map_units(learner, c.MapUnits(3, 3, layer=4, first=9)).first == 1


def test_what_is_not_a_number_is_told_as_such(spiral: Dataset):
    learner = Learner(make_config({"model": "Linear(4), Tanh, Linear(3)"}), spiral)
    learner.model.values[:] = np.nan
    assert set(map_boundary(learner, c.MapBoundary(10, 10)).probabilities) == {0}
    assert set(np.frombuffer(map_units(learner, c.MapUnits(5, 5, count=4)).values, np.int8)) == {-128}
    learner.model.values[:] = 0
    event = map_units(learner, c.MapUnits(5, 5, count=4))
    assert event.bounds == (0.0,) * 4
    assert set(event.values) == {0}


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(-1, 1)), min_size=1, max_size=20),
    st.floats(1e-3, 1e3),
    st.integers(1, 200),
    st.integers(1, 100),
)
def test_all_samples_lie_within_the_limits(points: list[tuple[float, float]], scale: float, columns: int, rows: int):
    x = np.array(points, np.float32)
    split = Split(x, np.zeros(len(x), np.int64))
    data = Dataset("points", split, split, split, ("a", "b"), (0.0, 5.0), (1.0, scale), "")
    (left, right), (bottom, top) = plane_limits(data, columns, rows)
    own = data.values(x)
    assert left < own[:, 0].min() <= own[:, 0].max() < right
    assert bottom < own[:, 1].min() <= own[:, 1].max() < top


def test_features_alike_have_one_scale_and_others_their_own(spiral: Dataset):
    (left, right), (bottom, top) = plane_limits(spiral, 101, 41)
    assert (right - left) / 100 == pytest.approx((top - bottom) / 40)
    stretched = replace(spiral, input_std=(spiral.input_std[0] * 50, spiral.input_std[1]))
    (left, right), (bottom, top) = plane_limits(stretched, 101, 41)
    assert right - left == pytest.approx(50 * (top - bottom), rel=0.2)


def test_of_many_samples_some_are_shown_from_one_end_to_the_other():
    many = datasets.load("blobs(samples=9000)")
    learner = Learner(make_config({"model": "Linear(3)"}), many)
    event = map_boundary(learner, c.MapBoundary(2, 2))
    labels = np.frombuffer(event.labels, np.uint16)
    assert len(labels) == MOST_POINTS < len(many.train)
    assert (labels[0], labels[-1]) == (many.train.labels[0], many.train.labels[-1])
    learner.close()


@pytest.mark.parametrize(("columns", "rows"), [(0, 5), (5, -1), (LARGEST_GRID, 2)])
def test_a_grid_of_no_size_is_refused(spiral: Dataset, columns: int, rows: int):
    learner = Learner(make_config({"model": "Linear(3)"}), spiral)
    for ask in (
        lambda: map_boundary(learner, c.MapBoundary(columns, rows)),
        lambda: map_units(learner, c.MapUnits(columns, rows)),
    ):
        with pytest.raises(UserError, match=f"{columns} x {rows}"):
            ask()


def test_numbers_for_answers_are_refused():
    x = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    split = Split(x, x[:, 0].astype(np.float64))
    numbers = Dataset("heights", split, split, split, (), (0.0, 0.0), (1.0, 1.0), "", target=Target("height", 0.0, 1.0))
    for ask in (c.MapBoundary(4, 4), c.MapUnits(4, 4)):
        with pytest.raises(UserError, match="heights has numbers for answers"):
            (map_boundary if isinstance(ask, c.MapBoundary) else map_units)(SimpleNamespace(dataset=numbers), ask)


def test_data_without_a_plane_is_refused_in_words_and_the_run_goes_on(train: Any):
    run = train(c.MapBoundary(4, 4), c.MapUnits(4, 4), linger=True)
    reasons = [event.reason for event in run.of(e.CommandRefused)]
    assert len(reasons) == 2
    assert all("two features" in reason and "1 x 5 x 5" in reason for reason in reasons)
    assert run.of(e.RunEnded)


def test_a_trainer_answers_with_events_that_can_be_written_down(train: Any):
    settings = {"dataset": "xor(samples=100)", "model": "Linear(4), Tanh, Linear(2)"}
    run = train(c.MapBoundary(6, 5), c.MapUnits(6, 5), linger=True, **settings)
    assert run.of(e.RunStarted)[0].plane
    for event in (run.the(e.BoundaryMapped), run.the(e.UnitsMapped)):
        assert msgspec.json.decode(msgspec.json.encode(event), type=e.AnyEvent) == event
        assert event.step == run.learner.position.step
        assert event.seconds >= 0
    assert not train(linger=True, **settings).of(e.BoundaryMapped)
