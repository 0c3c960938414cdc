"""The path of a prediction against that of a network that was asked at the end of each epoch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.datasets.base import Dataset
from engine.training import commands as c
from engine.training import events as e
from engine.training.epoch_ends import EpochEnds
from engine.training.learner import Learner

MODEL = "Flatten, Linear(8), BatchNorm1d, ReLU, Linear(3)"


def test_it_is_what_was_answered_at_the_end_of_each_epoch(learn: Callable[..., Learner], tiny_data: Dataset):
    learner, ends, told = learn(model=MODEL, lr=0.05), EpochEnds(), []
    x, label = tiny_data.test.x[4:5], int(tiny_data.test.labels[4])
    for _ in range(5):
        while learner.position.sample < len(tiny_data.train):
            learner.train_step(5)
        learner.end_epoch()
        ends.keep(learner)
        answers, probabilities = learner.predict(x)
        told.append((learner.position.step, learner.epoch, answers[0], probabilities[0, label]))
    learner.train_step(5)
    before = learner.model.values.tobytes(), [array.tobytes() for array in learner.model.buffers.values()]
    *path, now = ends.path(learner, x, label, learner.predict(x))
    assert before == (learner.model.values.tobytes(), [array.tobytes() for array in learner.model.buffers.values()])
    assert len({point.label_probability for point in path}) == 5
    assert [(point.step, point.epoch, point.answer, point.label_probability) for point in path] == told
    assert now.step == learner.position.step
    assert now.label_probability == learner.predict(x)[1][0, label]
    learner.close()


def test_they_take_only_so_much(learn: Callable[..., Learner], monkeypatch: pytest.MonkeyPatch):
    learner, ends = learn(), EpochEnds()
    size = learner.model.values.nbytes
    monkeypatch.setattr("engine.training.epoch_ends.LARGEST", 3 * size)
    for step in range(5):
        learner.position.step = step
        ends.keep(learner)
    x = np.zeros((1, *learner.model.input_shape), np.float32)
    learner.position.step = 5
    assert [point.step for point in ends.path(learner, x, 0, learner.predict(x))] == [2, 3, 4, 5]
    monkeypatch.setattr("engine.training.epoch_ends.LARGEST", size - 1)
    huge = EpochEnds()
    huge.keep(learner)
    learner.position.step = 6
    assert [point.step for point in huge.path(learner, x, 0, learner.predict(x))] == [6]
    learner.close()


def steps(event: e.DigitExplained) -> list[int]:
    return [point.step for point in event.path]


def test_a_trainer_with_a_screen_keeps_them_and_another_run_has_its_own(train: Callable[..., Any]):
    story: list[tuple[type, c.AnyCommand]] = [
        (e.RunEnded, c.ExplainDigit(3)),
        (e.DigitExplained, c.Rewind(4)),
        (e.RunPaused, c.ExplainDigit(3)),
        (e.DigitExplained, c.Restart()),
        (e.RunStarted, c.Pause()),
        (e.RunPaused, c.ExplainDigit(3)),
    ]

    def react(event: e.AnyEvent) -> c.AnyCommand | None:
        return story.pop(0)[1] if story and isinstance(event, story[0][0]) else None

    run = train(linger=True, rewindable=True, react=react)
    assert not story
    whole, back, anew = run.of(e.DigitExplained)
    ends = [event.step for event in run.of(e.EpochEnded)]
    assert steps(whole) == sorted({0, *ends[: len(whole.path) - 1]})
    at = run.of(e.RunRewound)[0].step
    assert steps(back) == [step for step in steps(whole) if step < at] + [at]
    assert steps(anew)[-1] < ends[0]
    assert steps(anew) in ([0], [0, steps(anew)[-1]])


def test_one_without_a_screen_keeps_none(train: Callable[..., Any]):
    run = train()
    learner, x = run.learner, run.learner.dataset.test.x[:1]
    learner.position.step += 1
    assert len(run.trainer._epoch_ends.path(learner, x, 0, learner.predict(x))) == 1
