import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.strip_weights import Lattice, fit, unlikeliness  # noqa: E402

SIDES = [(0, 1), (1, 2), (0, 2), (2, 3), (1, 3)]


def all_ways(place: int, end: int) -> list[list[int]]:
    if place == end:
        return [[]]
    return [
        [number, *rest] for number, (first, last) in enumerate(SIDES) if first == place for rest in all_ways(last, end)
    ]


def test_what_is_written_is_as_likely_as_all_its_ways_together():
    random = np.random.default_rng(0)
    scores = random.normal(size=(5, 10))
    digits = [3, 7]
    ways = all_ways(0, 3)
    weight = lambda way, labels: np.exp(sum(scores[n, c] for n, c in zip(way, labels, strict=True)))  # noqa: E731
    everything = sum(np.prod([np.exp(scores[n]).sum() for n in way]) for way in ways)
    written = sum(weight(way, digits) for way in ways if len(way) == 2)
    found = unlikeliness(
        torch.zeros(5, dtype=torch.long),
        torch.tensor(SIDES),
        torch.tensor(scores),
        torch.tensor([3]),
        torch.tensor([digits]),
    )
    assert found.item() == pytest.approx(-np.log(written / everything))


def test_weights_learn_which_feature_tells_a_piece_from_a_digit():
    """Two cuts, of which one is false: the feature is 1 for pieces that end at it, and says nothing else."""
    lattices = []
    for false in (1, 2) * 10:
        sides = [(0, 1), (0, 2), (1, 3), (2, 3)]
        features = np.array([[float(false in side)] for side in sides])
        true = 3 - false
        certainty = np.log(np.full((4, 10), 0.1))
        certainty[:, 5] = 0
        digits = [5, 5]
        assert true in (1, 2)
        lattices.append(Lattice(np.array(sides), certainty, np.zeros((4, 10)), features, np.zeros((4, 1)), digits))
    for lattice in lattices:
        # Only the way through the true cut reads 5 5: the other's first piece is taken for a 6.
        for n, (first, last) in enumerate(lattice.sides.tolist()):
            if lattice.features[n, 0] and first == 0:
                lattice.certainty[n] = np.roll(lattice.certainty[n], 1)
            assert last <= 3
    assert fit(lattices).features[0] < -1


def test_whose_word_is_worth_more_learns_more_weight():
    """Two digits, one cut: the network is right about seven pieces of ten, the judge about nine."""
    random = np.random.default_rng(0)
    lattices = []
    for _ in range(60):
        digits = random.integers(0, 10, 2)
        said = []
        for share in (0.7, 0.9):
            odds = np.full((3, 10), np.log(0.02))
            for piece, digit in enumerate(digits):
                odds[piece, digit if random.random() < share else random.integers(0, 10)] = np.log(0.82)
            said.append(odds)
        sides = np.array([(0, 1), (1, 2), (0, 2)])
        lattices.append(Lattice(sides, *said, np.ones((3, 1)), np.zeros((3, 1)), digits.tolist()))
    weights = fit(lattices)
    assert weights.judgement > weights.certainty > 0
