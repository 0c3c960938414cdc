import numpy as np
import pytest

from benchmarks import piece_judge
from benchmarks.piece_judge import NONE_OF_STRIP, make_samples, pieces_of, true_classes
from benchmarks.strip_pictures import NOBODY, make_strip
from engine import datasets
from engine.digits.judge import NONE
from engine.predictor import load_predictor

DIGITS = datasets.load("mnist-5k")
PICTURES = DIGITS.pixels(DIGITS.test.x)[:, 0]


def strip(seed: int):
    return make_strip(PICTURES, DIGITS.test.labels, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(5))
def test_each_pixel_of_ink_belongs_to_the_digit_that_stands_there(seed: int):
    made = strip(seed)
    assert ((made.picture > 0.5) <= (made.owners != NOBODY)).all()
    middles = [np.nonzero(made.owners == digit)[1].mean() for digit in range(7)]
    assert middles == sorted(middles)


def test_the_pieces_that_are_digits_are_what_is_written_from_left_to_right():
    found = 0
    for seed in range(10):
        made = strip(seed)
        line, pieces = pieces_of(made)
        classes = true_classes(made, line, pieces)
        assert (classes == NONE).sum() > ((classes >= 0) & (classes < NONE)).sum()
        whole = [
            (piece.place[1].start + piece.place[1].stop, label) for piece, label in zip(pieces, classes, strict=True)
        ]
        in_order = [label for _, label in sorted(whole) if 0 <= label < NONE]
        once = [label for n, label in enumerate(in_order) if n == 0 or in_order[n - 1] != label]
        written = [int(c) for n, c in enumerate(made.text) if n == 0 or made.text[n - 1] != c]
        found += once == written
        assert set(in_order) <= set(written)
    assert found >= 8


def test_what_takes_two_digits_or_half_of_one_is_none():
    made = strip(3)
    line, pieces = pieces_of(made)
    classes = true_classes(made, line, pieces)
    for piece, label in zip(pieces, classes, strict=True):
        if 0 <= label < NONE:
            inside = [n for n, other in enumerate(pieces) if other.first >= piece.first and other.last <= piece.last]
            for n in inside:
                if pieces[n].measures.area < 0.5 * piece.measures.area:
                    assert classes[n] == NONE


def test_samples_are_all_digits_and_some_that_are_none():
    made = strip(0)
    samples = make_samples(made, np.random.default_rng(0))
    assert samples.x.shape == (len(samples.y), 2, 24, 40)
    assert (samples.y == NONE).sum() == NONE_OF_STRIP
    assert {int(c) for c in made.text} >= set(samples.y.tolist()) - {NONE}


def test_what_is_written_is_a_network_of_two_maps_and_eleven_classes(tmp_path, monkeypatch):
    recipe = {"model": "AvgPool2d(4), Flatten, Linear(outputs)", "epochs": "1", "batch_size": "64"}
    monkeypatch.setattr(piece_judge, "RECIPE", recipe)
    random = np.random.default_rng(0)
    path = tmp_path / "judge.safetensors"
    piece_judge.train([make_samples(strip(seed), random) for seed in range(12)], path)
    judge = load_predictor(path)
    assert judge.input_shape == (2, 24, 40)
    assert judge.class_names == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "none")
