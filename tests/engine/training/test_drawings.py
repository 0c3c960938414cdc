from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine import datasets
from engine.digits.preparation import prepare
from engine.digits.reading import drawn_digit
from engine.digits.views import VIEWS, views
from engine.errors import UserError
from engine.training.commands import PredictDrawing, PredictViews
from engine.training.config import make_config
from engine.training.drawings import predict_drawing, predict_views
from engine.training.events import CommandRefused, DrawingPredicted
from engine.training.learner import Learner


@pytest.fixture(scope="module")
def learner() -> Learner:
    """A network of the embedded digits after some steps."""
    config = make_config({"model": "Flatten, Linear(32), ReLU, Linear(outputs)", "lr": 0.01, "batch_size": 64})
    learner = Learner(config, datasets.load("mnist-5k"))
    for _ in range(50):
        learner.train_step(10)
    return learner


def drawing(ink: np.ndarray) -> PredictDrawing:
    height, width = ink.shape
    return PredictDrawing(height, width, np.rint(ink.clip(0, 1) * 255).astype(np.uint8).tobytes())


def prepared(ink: np.ndarray, count: int = len(VIEWS)) -> PredictViews:
    digit = drawn_digit(np.rint(ink.clip(0, 1) * 255).astype(np.float32) / 255, count)
    return PredictViews(digit.views.tobytes(), digit.box)


def test_a_drawn_digit_is_what_the_network_says_of_its_form(learner: Learner):
    split = learner.dataset.test
    pictures = learner.dataset.pixels(split.x[:60])[:, 0]
    answers = []
    for picture, label in zip(pictures, split.labels[:60], strict=True):
        event = predict_views(learner, prepared(np.pad(picture, ((9, 2), (4, 0)))))
        (digit,) = event.digits
        assert event.step == 50
        ink = next(step.picture for step in prepare(np.rint(picture * 255) / 255, drawn=True) if step.name == "ink")
        seen = views(ink)
        assert np.frombuffer(digit.pixels, np.uint8).reshape(28, 28) == pytest.approx(seen[0] * 255, abs=0.51)
        x = ((seen[:, np.newaxis] - learner.dataset.input_mean) / learner.dataset.input_std).astype(np.float32)
        weights = [view.weight for view in VIEWS]
        together = np.average(np.log(learner.predict(x)[1].clip(1e-4)), axis=0, weights=weights)
        expected = np.exp(together) / np.exp(together).sum()
        assert digit.probabilities == pytest.approx(expected, abs=1e-4)
        assert digit.answer == expected.argmax()
        answers.append(digit.answer == label)
    assert np.mean(answers) > 0.75


def test_a_glance_is_the_plain_view_alone(learner: Learner):
    picture = learner.dataset.pixels(learner.dataset.test.x[:1])[0, 0]
    (digit,) = predict_views(learner, prepared(picture, 1)).digits
    x = (np.frombuffer(digit.pixels, np.uint8).reshape(1, 1, 28, 28) / 255 - learner.dataset.input_mean) / (
        learner.dataset.input_std
    )
    assert digit.probabilities == pytest.approx(learner.predict(x.astype(np.float32))[1][0], abs=0.02)
    (whole,) = predict_views(learner, prepared(picture)).digits
    assert whole.pixels == digit.pixels
    assert whole.probabilities != digit.probabilities


def test_the_same_drawing_is_read_by_what_has_been_learned_since():
    config = make_config({"model": "Flatten, Linear(outputs)", "lr": 0.1, "batch_size": 64})
    learner = Learner(config, datasets.load("mnist-5k"))
    command, seen = prepared(np.eye(30)), []
    for _ in range(2):
        learner.train_step(10)
        (digit,) = predict_views(learner, command).digits
        seen.append(digit.probabilities)
    assert seen[0] != seen[1]


def test_looking_changes_nothing(learner: Learner):
    before = learner.model.values.tobytes(), learner.position
    predict_drawing(learner, drawing(np.eye(30)))
    predict_views(learner, prepared(np.eye(30)))
    assert (learner.model.values.tobytes(), learner.position) == before


def test_a_single_digit_is_read_alike_by_whomever_it_was_prepared(learner: Learner):
    picture = learner.dataset.pixels(learner.dataset.test.x[:1])[0, 0]
    assert predict_drawing(learner, drawing(picture)).digits == predict_views(learner, prepared(picture)).digits


def test_nothing_drawn_is_no_digit_and_two_are_two(learner: Learner):
    assert predict_drawing(learner, drawing(np.zeros((28, 60)))).digits == ()
    assert predict_views(learner, prepared(np.zeros((28, 28)))).digits == ()
    two = np.zeros((40, 90))
    two[5:35, 20:24] = two[5:35, 60:64] = 1
    event = predict_drawing(learner, drawing(two))
    assert len(event.digits) == 2
    assert [round(side * 90) for digit in event.digits for side in digit.box[::2]] == pytest.approx([20, 24, 60, 64], 1)


@pytest.mark.parametrize(("height", "width", "count"), [(0, 5, 0), (5, 5, 24), (1 << 11, 1 << 11, 1 << 22)])
def test_what_is_no_drawing_is_refused(height: int, width: int, count: int, learner: Learner):
    with pytest.raises(UserError, match="one a pixel"):
        predict_drawing(learner, PredictDrawing(height, width, bytes(count)))


@pytest.mark.parametrize("count", [1, 28 * 28 * 4 - 1, 7 * 28 * 28 * 4])
def test_what_are_no_views_is_refused(count: int, learner: Learner):
    with pytest.raises(UserError, match=r"expected 3,136 for each of 6 at most"):
        predict_views(learner, PredictViews(bytes(count), (0.0, 0.0, 1.0, 1.0)))


def test_the_trainer_obeys_between_steps_and_refuses_where_there_are_no_digits(train: Callable[..., Any]):
    for command in (drawing(np.eye(28)), prepared(np.eye(28))):
        run = train(command, paused=True)
        assert "networks of the digits 0 to 9" in run.the(CommandRefused).reason
        run = train(command, paused=True, dataset="mnist-5k", model="Flatten, Linear(10)")
        assert len(run.the(DrawingPredicted).digits) == 1
