from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.datasets.base import Dataset, Target
from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.commands import MOST_CLASSES
from engine.training.config import make_config
from engine.training.error_measurement import ErrorMeasurement
from engine.training.learner import Learner
from engine.training.picked_samples import pick_samples

MODEL = "Flatten, Linear(8), BatchNorm1d, ReLU, Linear(3)"


def measured(learner: Learner, **asked: Any) -> e.ErrorsMeasured:
    measurement = ErrorMeasurement(learner, c.MeasureErrors(**asked))
    while (event := measurement.advance()) is None:
        pass
    return event


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_all_figures_are_those_of_one_pass_over_the_split(
    split: Any, learn: Callable[..., Learner], tiny_data: Dataset
):
    learner = learn(model=MODEL)
    for _ in range(4):
        learner.train_step(3)
    event = measured(learner, split=split, bins=4)
    samples = getattr(tiny_data, split)
    answers, probabilities = learner.predict(samples.x)
    learner.close()
    assert (event.split, event.count, event.step) == (split, len(samples), 4)
    matrix = np.frombuffer(event.matrix, np.uint32).reshape(3, 3)
    for label in range(3):
        for answer in range(3):
            assert matrix[label, answer] == ((samples.labels == label) & (answers == answer)).sum()
    assert event.mistake_count == (answers != samples.labels).sum()
    assert sum(part.count for part in event.bins) == len(samples)
    confidence = probabilities.max(axis=1)
    sums = [part.confidence * part.count for part in event.bins if part.count]
    assert sum(sums) == pytest.approx(confidence.sum(), rel=1e-5)


def test_it_is_of_the_network_as_it_was_and_leaves_the_one_that_learns(
    learn: Callable[..., Learner], monkeypatch: pytest.MonkeyPatch
):
    """Whatever steps come between: the figures of the asker's step, and steps as if nobody had asked."""
    monkeypatch.setattr("engine.training.error_measurement.EVALUATED", 25)
    asked, alone = learn(model=MODEL, lr=0.05), learn(model=MODEL, lr=0.05)
    for learner in (asked, alone):
        learner.train_step(3)
    whole = ErrorMeasurement(asked, c.MeasureErrors("train"))
    while (at_once := whole.advance()) is None:
        pass
    measurement = ErrorMeasurement(asked, c.MeasureErrors("train"))
    events = []
    for _ in range(5):
        events.append(measurement.advance())
        for learner in (asked, alone):
            learner.train_step(3)
            learner.end_epoch()
    asked.close(), alone.close()
    *before, last = events
    assert before == [None] * 4
    assert last is not None
    # As text, for a bin without samples has no figures, and NaN equals nothing.
    assert (last.matrix, repr(last.bins)) == (at_once.matrix, repr(at_once.bins))
    picks = c.PickSamples("mistakes", count=1000)
    picked, picked_at_once = pick_samples(measurement, picks), pick_samples(whole, picks)
    assert picked.samples == picked_at_once.samples
    assert picked.samples
    assert asked.model.values.tobytes() == alone.model.values.tobytes()
    assert all((a == b).all() for a, b in zip(asked.model.buffers.values(), alone.model.buffers.values(), strict=True))


def test_of_a_large_split_samples_are_taken_from_one_end_to_the_other(
    learn: Callable[..., Learner], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.training.error_measurement.MOST_SAMPLES", 10)
    learner = learn()
    event = measured(learner, split="test")
    learner.close()
    assert event.count == 10


@pytest.mark.parametrize("bins", [0, 101])
def test_what_cannot_be_shown_is_refused(bins: int, learn: Callable[..., Learner]):
    learner = learn()
    with pytest.raises(UserError, match=f"bins {bins}: must be 1 to 100"):
        ErrorMeasurement(learner, c.MeasureErrors(bins=bins))


@pytest.mark.parametrize("classes", [MOST_CLASSES, MOST_CLASSES + 1])
def test_of_too_many_classes_none_are_counted(classes: int, learn: Callable[..., Learner], tiny_data: Dataset):
    learner = learn(model="Flatten, Linear(3)")
    learner.dataset = replace(tiny_data, class_names=tuple(map(str, range(classes))))
    asked = c.MeasureErrors()
    if classes > MOST_CLASSES:
        with pytest.raises(UserError, match="has 101 classes; confusions are counted of 100 at most"):
            ErrorMeasurement(learner, asked)
    else:
        assert ErrorMeasurement(learner, asked).asked == asked


def test_numbers_have_no_confusions(learn: Callable[..., Learner], tiny_data: Dataset):
    learner = learn()
    learner.dataset = replace(tiny_data, target=Target("size", 0.0, 1.0))
    with pytest.raises(UserError, match="classes are needed"):
        ErrorMeasurement(learner, c.MeasureErrors())


def test_a_trainer_answers_while_it_trains_while_it_is_paused_and_after_the_end(train: Callable[..., Any]):
    asks = {
        e.RunPaused: c.MeasureErrors("validation"),
        e.RunResumed: c.MeasureErrors("train"),
        e.RunEnded: c.MeasureErrors("test"),
    }
    run = train(c.Resume(), paused=True, linger=True, react=lambda event: asks.pop(type(event), None))
    assert [event.split for event in run.of(e.ErrorsMeasured)] == ["validation", "train", "test"]
    steps = [event.step for event in run.of(e.ErrorsMeasured)]
    assert steps[0] == 0
    assert steps[2] == run.the(e.RunEnded).step


def test_a_change_of_the_network_begins_it_anew(train: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    """Figures of two networks would be nobody's."""
    monkeypatch.setattr("engine.training.error_measurement.EVALUATED", 7)
    commands = [c.MeasureErrors("train"), c.Reinitialize(), c.MeasureErrors("train")]
    run = train(
        linger=True, react=lambda event: commands.pop(0) if isinstance(event, e.StepsEnded) and commands else None
    )
    assert run.of(e.ErrorsMeasured)
    for event in run.of(e.ErrorsMeasured):
        assert event.count == 108


def test_another_run_whose_answers_are_numbers_ends_it(
    train: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    monkeypatch.setattr("engine.training.error_measurement.EVALUATED", 7)
    (tmp_path / "line.csv").write_text("\n".join(["x,y", *(f"{n / 9},{2 * n / 9 + 1}" for n in range(120))]))
    numbers = make_config({"dataset": f"csv:{tmp_path / 'line.csv'}", "model": "Linear(outputs)", "epochs": 1})
    commands = [c.MeasureErrors("train"), c.BeginRun(numbers)]
    run = train(
        linger=True, react=lambda event: commands.pop(0) if isinstance(event, e.StepsEnded) and commands else None
    )
    assert not commands
    assert [event.target for event in run.of(e.RunStarted)] == ["", "y"]
    assert run.of(e.RunEnded)[-1].reason == "done"
    assert not run.of(e.CommandRefused)


def test_measuring_changes_no_weight_of_a_run(train: Callable[..., Any], tmp_path: Any):
    plain = train()
    asking = train(
        checkpoint=tmp_path / "other.safetensors",
        react=lambda event: c.MeasureErrors("train") if isinstance(event, e.StepsEnded) else None,
    )
    assert asking.of(e.ErrorsMeasured)
    assert asking.weights == plain.weights
