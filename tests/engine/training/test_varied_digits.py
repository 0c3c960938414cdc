"""Changed pictures against PyTorch's sampling of a grid, and against what NumPy makes of whole pixels and quarters."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import datasets
from engine.datasets.base import Dataset
from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.config import make_config
from engine.training.learner import Learner
from engine.training.varied_digits import varied, vary_digit


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return datasets.load("mnist-5k")


@pytest.fixture(scope="module")
def learner(digits: Dataset) -> Iterator[Learner]:
    learner = Learner(make_config({"model": "Flatten, Linear(16), ReLU, Linear(outputs)", "seed": 3}), digits)
    for _ in range(30):
        learner.train_step(5)
    yield learner
    learner.close()


def pixels_of(data: Dataset, x: np.ndarray) -> np.ndarray:
    return np.asarray(x, np.float64) * float(data.input_std) + float(data.input_mean)


@settings(max_examples=30, deadline=None)
@given(
    right=st.floats(-8, 8), down=st.floats(-8, 8), rotation=st.floats(-90, 90), index=st.integers(0, 99)
)  # fmt: skip
def test_moved_and_turned_pictures_are_those_of_pytorch(right: float, down: float, rotation: float, index: int):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    data = datasets.load("mnist-5k")
    x = data.test.x[index : index + 1]
    found = pixels_of(data, varied(data, x, [c.Variation(right, down, rotation)]))
    cos, sin = np.cos(np.radians(rotation)), np.sin(np.radians(rotation))
    # In PyTorch's units the picture is 2 wide, from edge to edge; where each place comes from, x before y.
    turn = np.array([[cos, sin], [-sin, cos]])
    theta = np.concatenate([turn, -turn @ np.array([[right], [down]]) * 2 / 28], axis=1)
    source = torch.tensor(pixels_of(data, x))
    grid = functional.affine_grid(torch.tensor(theta)[None], source.shape, align_corners=False)
    expected = functional.grid_sample(source, grid, align_corners=False).numpy()
    assert found == pytest.approx(expected, abs=2e-5)


def test_what_is_changed_by_nothing_is_as_it_was(digits: Dataset):
    x = digits.test.x[5:6]
    assert varied(digits, x, [c.Variation()]).tobytes() == x.tobytes()


def test_a_move_by_whole_pixels_brings_in_black(digits: Dataset):
    x = digits.test.x[5:6]
    for right, down in ((-3, 0), (2, 0), (0, 4), (1, -2)):
        moved = np.full_like(x, x.min())
        moved[..., max(down, 0) : 28 + min(down, 0), max(right, 0) : 28 + min(right, 0)] = x[
            ..., max(-down, 0) : 28 - max(down, 0), max(-right, 0) : 28 - max(right, 0)
        ]
        assert varied(digits, x, [c.Variation(right, down)]) == pytest.approx(moved, abs=1e-5)


def test_a_quarter_turn_is_clockwise(digits: Dataset):
    x = digits.test.x[5:6]
    for quarters in (-1, 1, 2):
        found = varied(digits, x, [c.Variation(rotation=90.0 * quarters)])
        assert found == pytest.approx(np.rot90(x, -quarters, axes=(2, 3)), abs=1e-4)


def test_noise_is_the_same_but_for_its_size_and_stays_within_black_and_white(digits: Dataset):
    x = digits.test.x[5:6]
    little, more, all_ = pixels_of(digits, varied(digits, x, [c.Variation(noise=n) for n in (0.1, 0.2, 1000)]))[:, 0]
    before = pixels_of(digits, x)[0, 0]
    free = (little > 1e-6) & (little < 1 - 1e-6) & (more > 1e-6) & (more < 1 - 1e-6)
    assert free.sum() > 50
    assert (more - before)[free] == pytest.approx(2 * (little - before)[free], abs=1e-5)
    assert np.std((little - before)[free]) == pytest.approx(0.1, rel=0.5)
    assert set(np.unique(all_.round(5))) == {0.0, 1.0}


def test_a_track_has_what_each_other_amount_would_be_taken_for(learner: Learner):
    change = c.Variation(right=2, rotation=-30, noise=0.2)
    event = vary_digit(learner, len(learner.dataset.test) + 7, change)
    x, label = learner.dataset.test.x[7:8], int(learner.dataset.test.labels[7])
    assert (event.prediction.index, event.prediction.label, event.variation) == (7, label, change)
    assert [track.kind for track in event.tracks] == list(c.AMOUNTS)
    for track, others in zip(
        event.tracks,
        (
            [c.Variation(amount, 0, -30, 0.2) for amount in c.AMOUNTS["right"]],
            [c.Variation(2, amount, -30, 0.2) for amount in c.AMOUNTS["down"]],
            [c.Variation(2, 0, amount, 0.2) for amount in c.AMOUNTS["rotation"]],
            [c.Variation(2, 0, -30, amount) for amount in c.AMOUNTS["noise"]],
        ),
        strict=True,
    ):
        for place, other in enumerate(others):
            assert track.answers[place] == learner.predict(varied(learner.dataset, x, [other]))[0][0]
    (now,) = (t for t in event.tracks if t.kind == "noise")
    assert now.answers[now.amounts.index(0.2)] == event.prediction.answer


@pytest.mark.parametrize("change", [c.Variation(right=np.nan), c.Variation(noise=np.inf)])
def test_what_is_not_finite_is_refused(change: c.Variation, learner: Learner):
    with pytest.raises(UserError, match="must be finite"):
        vary_digit(learner, 0, change)


def test_so_is_a_table():
    learner = Learner(make_config({"model": "Linear(outputs)"}), datasets.load("iris"))
    with pytest.raises(UserError, match="no pictures of classes"):
        vary_digit(learner, 0, c.Variation())


def test_a_trainer_changes_the_digit_that_was_last_looked_at(train: Callable[..., Any]):
    plain = train()
    run = train(c.PredictDigit(11), c.VaryDigit(), c.VaryDigit(2, c.Variation(right=1)), linger=True)
    first, second = run.of(e.DigitVaried)
    assert (first.prediction.index, second.prediction.index, second.variation.right) == (11, 2, 1)
    # What is only looked at is not the digit that others look at.
    assert run.weights == plain.weights
