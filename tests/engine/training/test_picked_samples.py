"""Samples picked from a measurement of errors, against those found one by one with what the network says of each."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import datasets
from engine.confusion import agreement, confusion_matrix
from engine.datasets.base import Dataset
from engine.errors import UserError
from engine.mistakes import label_suspects, worst_mistakes
from engine.training import commands as c
from engine.training import events as e
from engine.training.config import make_config
from engine.training.error_measurement import ErrorMeasurement
from engine.training.learner import Learner
from engine.training.picked_samples import pick_samples, smaller


def measured(learner: Learner, split: Any = "test") -> ErrorMeasurement:
    measurement = ErrorMeasurement(learner, c.MeasureErrors(split))
    while measurement.advance() is None:
        pass
    return measurement


@pytest.fixture
def learner(learn: Callable[..., Learner]) -> Learner:
    """After a few steps: right about some of three classes."""
    learner = learn(model="Flatten, Linear(8), ReLU, Linear(3)")
    for _ in range(4):
        learner.train_step(3)
    return learner


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("cell", [(label, answer) for label in range(3) for answer in range(3)])
def test_of_a_cell_those_with_the_least_likely_label_come_first(
    split: Any, cell: tuple[int, int], learner: Learner, tiny_data: Dataset
):
    found = pick_samples(measured(learner, split=split), c.PickSamples("cell", *cell, count=1000))
    samples = getattr(tiny_data, split)
    expected = []
    for index, label in enumerate(samples.labels):
        answers, probabilities = learner.predict(samples.x[index : index + 1])
        if (label, answers[0]) == cell:
            expected.append((float(probabilities[0, label]), index))
    learner.close()
    assert (found.split, found.total, found.which) == (split, len(expected), "cell")
    assert [sample.label_probability for sample in found.samples] == pytest.approx([p for p, _ in sorted(expected)])
    assert {sample.index for sample in found.samples} == {index for _, index in expected}
    assert all((sample.label, sample.answer) == cell for sample in found.samples)


@pytest.mark.parametrize(("which", "found_by"), [("mistakes", worst_mistakes), ("suspects", label_suspects)])
def test_mistakes_and_suspects_are_those_of_one_pass_over_the_split(
    which: Any,
    found_by: Callable[..., Any],
    learner: Learner,
    tiny_data: Dataset,
    monkeypatch: pytest.MonkeyPatch,
):
    """Told the worst first, each with what the network says of it."""
    monkeypatch.setattr("engine.training.error_measurement.TRUSTED", -1.0)
    picked = pick_samples(measured(learner, "train"), c.PickSamples(which, count=1000))
    labels = tiny_data.train.labels
    answers, probabilities = learner.predict(tiny_data.train.x)
    learner.close()
    expected = found_by(labels, probabilities.astype(np.float64))
    assert picked.total == len(expected) > 5
    assert [sample.index for sample in picked.samples] == expected.tolist()
    for sample in picked.samples:
        assert (sample.label, sample.answer) == (labels[sample.index], answers[sample.index])
        assert sample.probability == pytest.approx(probabilities[sample.index].max(), abs=1e-6)
        assert sample.label_probability == pytest.approx(probabilities[sample.index, sample.label], abs=1e-6)


def test_only_a_network_that_agrees_with_the_labels_doubts_one(
    learner: Learner, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
):
    answers, _ = learner.predict(tiny_data.train.x)
    agreed = agreement(confusion_matrix(tiny_data.train.labels, answers, 3))
    doubted = []
    for asked in (agreed, np.nextafter(agreed, 1.0)):
        monkeypatch.setattr("engine.training.error_measurement.TRUSTED", asked)
        doubted.append(pick_samples(measured(learner, "train"), c.PickSamples("suspects")).total)
    learner.close()
    assert doubted[0] > doubted[1] == 0


def test_of_a_large_split_those_picked_stand_where_they_stand_in_it(
    learner: Learner, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.training.error_measurement.MOST_SAMPLES", 10)
    found = pick_samples(measured(learner), c.PickSamples("mistakes", count=10)).samples
    answers, _ = learner.predict(tiny_data.test.x)
    learner.close()
    taken = np.linspace(0, 29, 10).astype(int)
    assert {sample.index for sample in found} == {n for n in taken if answers[n] != tiny_data.test.labels[n]}
    assert found


def test_pages_follow_one_another_and_one_beyond_the_end_is_the_first(learner: Learner):
    measurement = measured(learner, split="train")
    learner.close()
    whole = pick_samples(measurement, c.PickSamples(count=1000))
    assert whole.total > 5
    pages = [pick_samples(measurement, c.PickSamples(first=first, count=2)) for first in range(0, whole.total, 2)]
    assert sum((page.samples for page in pages), ()) == whole.samples
    assert pick_samples(measurement, c.PickSamples(first=whole.total, count=2)).samples == whole.samples[:2]


def test_pictures_are_grey_levels_of_the_samples(learner: Learner, tiny_data: Dataset):
    found = pick_samples(measured(learner), c.PickSamples(count=3))
    learner.close()
    shape = tiny_data.input_shape
    assert (found.height, found.width) == shape[1:]
    pixels = np.frombuffer(found.pixels, np.uint8).reshape(-1, *shape[1:])
    for sample, picture in zip(found.samples, pixels, strict=True):
        values = tiny_data.test.x[sample.index] * tiny_data.input_std + tiny_data.input_mean
        np.testing.assert_allclose(picture / 255, values.clip(0, 1).mean(axis=0), atol=0.5 / 255 + 1e-6)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_smaller_pictures_are_means_of_square_blocks(height: int, width: int, side: int):
    pictures = np.random.default_rng(height).random((2, height, width))
    found = smaller(pictures, side)
    assert max(found.shape[1:]) <= side
    block = next(b for b in range(1, 41) if max(height, width) <= b * side)
    rows, columns = found.shape[1:]
    for row in range(rows):
        for column in range(columns):
            part = pictures[0, row * block : (row + 1) * block, column * block : (column + 1) * block]
            assert found[0, row, column] == pytest.approx(part.mean())


def test_rows_of_a_table_come_with_their_features():
    data = datasets.load("iris")
    learner = Learner(make_config({"dataset": "iris", "model": "Linear(3)", "batch_size": 10}), data)
    found = pick_samples(measured(learner, split="train"), c.PickSamples(count=3))
    learner.close()
    assert (found.height, found.pixels) == (0, b"")
    for sample, features in zip(found.samples, found.features, strict=True):
        values = data.train.x[sample.index] * data.input_std + data.input_mean
        np.testing.assert_allclose(features, values, rtol=1e-6)


@pytest.mark.parametrize(
    ("asked", "message"),
    [({"label": 3}, "must be 0 to 2"), ({"answer": -1}, "must be 0 to 2"), ({"first": -1}, "0 or more")],
)
def test_what_there_is_not_is_refused(asked: dict[str, int], message: str, learner: Learner):
    measurement = measured(learner)
    learner.close()
    with pytest.raises(UserError, match=message):
        pick_samples(measurement, c.PickSamples("cell", **asked))


def test_a_trainer_picks_from_what_it_measured_last_and_forgets_it_with_the_network(train: Callable[..., Any]):
    story: list[tuple[type, c.AnyCommand]] = [
        (e.RunPaused, c.PickSamples()),
        (e.CommandRefused, c.MeasureErrors("train")),
        (e.ErrorsMeasured, c.PickSamples("cell", 1, 1)),
        (e.SamplesPicked, c.Restart()),
        (e.RunEnded, c.PickSamples()),
    ]

    def react(event: e.AnyEvent) -> c.AnyCommand | None:
        return story.pop(0)[1] if story and isinstance(event, story[0][0]) else None

    run = train(paused=True, linger=True, react=react)
    assert not story
    picked = run.the(e.SamplesPicked)
    assert (picked.which, picked.split) == ("cell", "train")
    matrix = np.frombuffer(run.the(e.ErrorsMeasured).matrix, np.uint32).reshape(3, 3)
    assert picked.total == matrix[1, 1]
    assert [event.reason.partition(" yet")[0] for event in run.of(e.CommandRefused)] == ["no errors were measured"] * 2
