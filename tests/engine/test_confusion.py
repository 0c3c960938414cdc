import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.confusion import agreement, class_accuracies, confusion_matrix

CLASSES = 4
COUNTS = st.integers(1, 80)


@given(COUNTS.flatmap(lambda n: arrays(np.int64, (2, n), elements=st.integers(0, CLASSES - 1))))
def test_counts_and_accuracies_are_those_of_scikit_learn(drawn: np.ndarray):
    metrics = pytest.importorskip("sklearn.metrics")
    labels, answers = drawn
    matrix = confusion_matrix(labels, answers, CLASSES)
    expected = metrics.confusion_matrix(labels, answers, labels=range(CLASSES))
    assert (matrix == expected).all()
    found = class_accuracies(matrix)
    there = np.unique(labels)
    recall = metrics.recall_score(labels, answers, labels=there, average=None)
    assert found.accuracy[there] == pytest.approx(recall)
    assert np.isnan(np.delete(found.accuracy, there)).all()


@given(COUNTS.flatmap(lambda n: arrays(np.int64, (2, n), elements=st.integers(0, CLASSES - 1))))
def test_agreement_is_the_kappa_of_scikit_learn(drawn: np.ndarray):
    metrics = pytest.importorskip("sklearn.metrics")
    labels, answers = drawn
    found = agreement(confusion_matrix(labels, answers, CLASSES))
    if len(np.unique(drawn)) == 1:
        assert found == 0
    else:
        assert found == pytest.approx(metrics.cohen_kappa_score(labels, answers))


def test_a_standard_error_by_hand():
    found = class_accuracies(np.array([[80, 20], [0, 0]]))
    assert found.standard_error[0] == pytest.approx(0.04)
    assert found.samples.tolist() == [100, 0]
