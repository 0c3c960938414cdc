import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.mistakes import label_suspects, worst_mistakes

SIZES = (st.integers(1, 60), st.integers(2, 5), st.integers(0, 2**32 - 1))


def drawn(count: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.integers(0, classes, count), random.dirichlet(np.full(classes, 0.4), count)


@given(*SIZES)
def test_the_worst_mistake_has_the_largest_loss(count: int, classes: int, seed: int):
    metrics = pytest.importorskip("sklearn.metrics")
    labels, probabilities = drawn(count, classes, seed)
    found = worst_mistakes(labels, probabilities)
    losses = [
        metrics.log_loss([label], [p / p.sum()], labels=range(classes))
        for label, p in zip(labels[found], probabilities[found], strict=True)
    ]
    assert losses == sorted(losses, reverse=True)
    assert len(found) == count - metrics.accuracy_score(labels, probabilities.argmax(axis=1), normalize=False)


@given(*SIZES)
def test_suspects_are_those_off_the_diagonal_of_the_confident_joint(count: int, classes: int, seed: int):
    """Word for word after Northcutt, Jiang and Chuang 2021, equations 1 and 2."""
    labels, probabilities = drawn(count, classes, seed)
    expected = {}
    for n, (label, p) in enumerate(zip(labels, probabilities, strict=True)):
        reached = []
        for j in range(classes):
            with_label = [probabilities[m, j] for m in range(count) if labels[m] == j]
            if with_label and p[j] >= np.bincount([j] * len(with_label), weights=with_label)[j] / len(with_label):
                reached.append(j)
        if reached and max(reached, key=lambda j: p[j]) != label:
            expected[n] = p[label] - max(p[j] for j in range(classes) if j != label)
    found = label_suspects(labels, probabilities)
    assert set(found) == set(expected)
    margins = [expected[n] for n in found]
    assert margins == sorted(margins)


def test_labels_that_were_changed_are_found():
    random = np.random.default_rng(4)
    truth = random.integers(0, 5, 400)
    probabilities = np.full((400, 5), 0.02)
    probabilities[np.arange(400), truth] = 0.92
    labels = truth.copy()
    changed = random.choice(400, 12, replace=False)
    labels[changed] = (truth[changed] + 1) % 5
    assert set(label_suspects(labels, probabilities)) == set(changed)
