import numpy as np
import pytest

from engine.digits import weighing
from engine.digits.answers import Answers
from engine.digits.pieces import Measures, Piece

GOOD = Measures(height=0.8, width=0.5, middle=0.05, ink=0.1, gaps=0, thin=0.2, second=0, area=1.2)
BAD = Measures(height=0.4, width=0.9, middle=0.2, ink=1.5, gaps=2, thin=3, second=0.4, area=0.5)


def piece(measures: Measures) -> Piece:
    nothing = np.zeros((28, 28), np.float32)
    return Piece(0, 1, measures, (slice(0, 1), slice(0, 1)), nothing, nothing)


def test_features_are_what_a_piece_is_beyond_a_usual_one():
    measured = np.array([GOOD, BAD]).T
    found = dict(zip(weighing.FEATURES, weighing.features(measured, np.array([10.0, 2.0])).T, strict=True))
    # Nine tenths on the way from 2 to 10 is 9.2.
    assert found["weak"] == pytest.approx([0, 1 - 2 / 9.2])
    assert found["weakest"] == pytest.approx([0, 0.5 - 2 / 9.2])
    assert found["ink"] == pytest.approx([0.1, 1.5])
    assert found["gaps"] == pytest.approx([0, 2])
    assert found["thin"] == pytest.approx([0.2, 3])
    assert found["small"] == pytest.approx([0, 0])
    assert found["wide"] == pytest.approx([0, 0.3])
    assert found["low"] == pytest.approx([0, 0.3])
    assert found["second"] == pytest.approx([0, 0.4])
    assert found["scant"] == pytest.approx([0, 0.1])
    assert found["middle"] == pytest.approx([0.05, 0.2])
    assert found["piece"] == pytest.approx([1, 1])


def test_what_is_like_no_digit_scores_less_for_every_class_that_is_sure():
    sure = np.full((2, 10), 1e-6)
    sure[:, 4] = 1 - 9e-6
    found = weighing.scores([piece(GOOD), piece(BAD)], Answers(sure, np.array([10.0, 2.0])))
    assert found.shape == (2, 10)
    assert found.argmax(axis=1).tolist() == [4, 4]
    assert found[0, 4] > found[1, 4] + 10


def test_every_weight_against_a_piece_is_negative():
    against = dict(zip(weighing.FEATURES, weighing.WEIGHTS, strict=True))
    assert against.pop("piece") > 0
    assert max(against.values()) < 0


def test_no_class_is_ruled_out_by_the_network_alone():
    assert weighing.certainty(np.zeros((1, 10))) == pytest.approx(np.full((1, 10), np.log(weighing.LEAST)))
