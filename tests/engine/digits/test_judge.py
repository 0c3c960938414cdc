import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.strip_pictures import make_strip
from engine import datasets
from engine.arrays import Array
from engine.digits.answers import Answers
from engine.digits.judge import JUDGE, NONE, WIDTH, judged, windows
from engine.digits.numbers import find_line, read_digits
from engine.digits.pieces import Measures, Piece, find_pieces

DIGITS = datasets.load("mnist-5k")
PICTURES = DIGITS.pixels(DIGITS.test.x)[:, 0]


def strip_of(seed: int) -> tuple[Array, str]:
    strip = make_strip(PICTURES, DIGITS.test.labels, np.random.default_rng(seed))
    return strip.picture, strip.text


@given(st.integers(0, 20))
def test_a_window_shows_the_piece_and_what_is_beside_it(seed: int):
    line = find_line(strip_of(seed)[0]).picture
    pieces = find_pieces(line)
    wide = np.pad(line, ((0, 0), (WIDTH, WIDTH)))
    for (own, beside), piece in zip(windows(line, pieces), pieces, strict=True):
        columns = piece.place[1]
        left = (columns.start + columns.stop) // 2 - WIDTH // 2
        around = wide[:, left + WIDTH : left + 2 * WIDTH].reshape(24, 2, 40, 2).mean(axis=(1, 3))
        assert own + beside == pytest.approx(around, abs=1e-6)
        assert own.sum() * 4 == pytest.approx(piece.amount.sum(), rel=1e-4)
        assert beside.min() > -1e-6


def piece_at(line: Array, rows: slice, columns: slice) -> Piece:
    nothing = Measures(0, 0, 0, 0, 0, 0, 0, 0)
    return Piece(0, 1, nothing, (rows, columns), line[rows, columns].copy(), np.zeros((28, 28), np.float32))


def test_of_a_piece_that_is_broader_than_a_window_the_middle_is_seen():
    line = np.zeros((48, 200), np.float32)
    line[20:24] = np.linspace(0.6, 1, 200)
    own, beside = windows(line, [piece_at(line, slice(20, 24), slice(0, 200))])[0]
    assert own[10:12] == pytest.approx(line[20:22, 60:140].reshape(2, 40, 2).mean(axis=2))
    assert beside.max() == 0


def test_the_judge_that_is_shipped_is_small_and_knows_ten_digits_and_none():
    assert JUDGE.stat().st_size < 200_000
    line = find_line(strip_of(1)[0]).picture
    found = judged(line, find_pieces(line))
    assert found.shape[1] == NONE + 1
    assert found.sum(axis=1) == pytest.approx(np.ones(len(found)), abs=1e-5)


def test_a_whole_digit_is_told_and_each_half_of_one_is_none():
    """Of a 0 that a cut goes through the halves are none, though each by itself looks like a 1 or a bracket."""
    zeros = [PICTURES[n] for n in np.flatnonzero(DIGITS.test.labels == 0)[:10]]
    told = []
    for zero in zeros:
        line = find_line(zero).picture
        for piece, found in zip(pieces := find_pieces(line), judged(line, pieces), strict=True):
            whole = piece.measures.area > 0.95 * max(other.measures.area for other in pieces)
            half = piece.measures.area < 0.6 * max(other.measures.area for other in pieces)
            if whole or half:
                told.append(found.argmax() == (0 if whole else NONE))
    assert len(told) > 20
    assert np.mean(told) > 0.9


def test_strips_are_read_by_the_judge_alone_where_the_network_says_nothing():
    nothing = lambda pictures: Answers(np.full((len(pictures), 10), 0.1), np.ones(len(pictures)))  # noqa: E731
    right = 0
    for seed in range(10):
        picture, text = strip_of(seed)
        right += "".join(str(digit.label) for digit in read_digits(picture, nothing)) == text
    assert right >= 7


def test_what_is_beside_a_piece_speaks_against_it():
    """The same ink as a piece: with the rest of its 0 beside it, it is none more surely than alone."""
    beside, alone = [], []
    for zero in np.flatnonzero(DIGITS.test.labels == 0)[:10]:
        line = find_line(PICTURES[zero]).picture
        pieces = find_pieces(line)
        most = max(piece.measures.area for piece in pieces)
        for piece in pieces:
            if 0.3 * most < piece.measures.area < 0.6 * most:
                only = np.zeros_like(line)
                only[piece.place] = piece.amount
                beside.append(judged(line, [piece])[0, NONE])
                alone.append(judged(only, [piece])[0, NONE])
    assert len(beside) > 10
    assert np.mean(beside) > np.mean(alone) + 0.2
