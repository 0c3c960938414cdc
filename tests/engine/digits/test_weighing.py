import numpy as np
import pytest

from engine.digits import weighing
from engine.digits.answers import Answers
from engine.digits.pieces import Measures, Piece

GOOD = Measures(height=0.8, width=0.5, middle=0.05, ink=0.1, gaps=0, thin=0.2, second=0, area=1.2)
BAD = Measures(height=0.4, width=0.9, middle=0.2, ink=1.5, gaps=2, thin=3, second=0.4, area=0.5)


WHOLE, BROKEN = np.eye(11)[[4, 10]]
"""What the judge says of a 4, and of what is none."""


def piece(measures: Measures) -> Piece:
    nothing = np.zeros((28, 28), np.float32)
    return Piece(0, 1, measures, (slice(0, 1), slice(0, 1)), nothing, nothing)


def test_features_are_what_a_piece_is_beyond_a_usual_one():
    measured = np.array([GOOD, BAD]).T
    found = dict(
        zip(weighing.FEATURES, weighing.features(measured, np.array([10.0, 2.0]), np.array([0, 1])).T, strict=True)
    )
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
    assert found["none"] == pytest.approx([np.log(weighing.LEAST), 0], abs=1e-3)


def test_what_is_like_no_digit_scores_less_for_every_class_that_is_sure():
    sure = np.full((2, 10), 1e-6)
    sure[:, 4] = 1 - 9e-6
    found = weighing.scores([piece(GOOD), piece(BAD)], Answers(sure, np.array([10.0, 2.0])), np.stack([WHOLE, WHOLE]))
    assert found.shape == (2, 10)
    assert found.argmax(axis=1).tolist() == [4, 4]
    assert found[0, 4] > found[1, 4] + 10


def test_the_judge_speaks_for_its_class_and_against_what_is_none():
    answers = Answers(np.full((3, 10), 0.1), np.full(3, 10.0))
    unsure = np.full(11, 1 / 11)
    four, none, nothing = weighing.scores([piece(GOOD)] * 3, answers, np.stack([WHOLE, BROKEN, unsure]))
    assert four.argmax() == 4
    assert four[4] > nothing[4] > none[4]
    assert none.max() < nothing.max() - 2


def test_the_last_word_is_that_of_network_and_judge():
    seen, said = np.full((1, 10), 0.02), np.full((1, 11), 0.02)
    seen[0, [3, 5]], said[0, [5, 8]] = (0.45, 0.39), (0.41, 0.41)
    (found,) = weighing.agreed(seen, said)
    assert found.sum() == pytest.approx(1)
    expected = seen[0] * (said[0, :10] + weighing.LEAST) ** weighing.LAST_WORD
    assert found == pytest.approx(expected / expected.sum())
    assert found.argmax() == 5


def test_what_the_network_rules_out_in_all_views_is_no_error():
    (found,) = weighing.agreed(np.eye(10)[[3]], np.eye(11)[[7]])
    assert found.argmax() == 3
    assert np.isfinite(found).all()


def test_every_weight_against_a_piece_is_negative():
    against = dict(zip(weighing.FEATURES, weighing.WEIGHTS, strict=True))
    assert against.pop("piece") > 0
    # How far from the middle of the line it lies says next to nothing beside a judge that sees what stands around it.
    assert abs(against.pop("middle")) < min(abs(weight) for weight in against.values())
    assert max(against.values()) < 0


def test_no_class_is_ruled_out_by_the_network_alone():
    assert weighing.certainty(np.zeros((1, 10))) == pytest.approx(np.full((1, 10), np.log(weighing.LEAST)))
