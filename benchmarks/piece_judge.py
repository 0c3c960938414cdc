"""The judge of pieces (engine/digits/judge.py), trained on what is cut out of strips of training digits."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.strip_pictures import DIGITS, NOBODY, Strip, make_strip
from engine import datasets
from engine.arrays import Array
from engine.datasets.base import Dataset, Split
from engine.datasets.standardize import pixel_statistics, standardized
from engine.digits.form import EDGE
from engine.digits.judge import JUDGE, NONE, windows
from engine.digits.numbers import Line, find_line
from engine.digits.pieces import Piece, find_pieces
from engine.digits.preparation import prepare
from engine.digits.reading import TEN_DIGITS
from engine.training.checkpoint import Progress, save_checkpoint
from engine.training.config import make_config
from engine.training.learner import Learner

SEED = 101

LEARNED = 50_000
"""The first so many training digits are on the strips; those of `strip_weights` are made of the others, or the weights
would take the judge for surer than it is.
"""

WHOLE, BROKEN = 0.85, 0.65
"""Ink that a piece shares with a digit, of all that either has: from the first on the piece is that digit, below the
second it is none. What lies between is not learned from.
"""

NONE_OF_STRIP = 30
"""Pieces of a strip that are none and are learned from: of some ninety, many are alike."""

TESTED = 50
"""Of so many strips one is not learned from: by these it is told what the judge knows."""

RECIPE = {
    "model": "Conv2d(8, 5, padding=2), ReLU, MaxPool2d(2), Conv2d(16, 3, padding=1), ReLU, MaxPool2d(2), "
    "Conv2d(32, 3, padding=1), ReLU, MaxPool2d(2), Flatten, Linear(64), ReLU, Linear(outputs)",
    "optimizer": "adamw",
    "set": {"weight_decay": 0.05},
    "lr": "0.002",
    "schedule": "cosine",
    "batch_size": "64",
    "epochs": "5",
    "seed": "0",
}


class Samples(NamedTuple):
    """What the judge sees of pieces, (count, 2, 24, 40) as bytes, and their classes, (count,)."""

    x: NDArray[np.uint8]
    y: NDArray[np.int64]


def main(arguments: list[str]) -> int:
    """Make strips, train, write the judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks piece_judge", description=__doc__)
    parser.add_argument("--data", default="mnist", metavar="DIR", help="the four IDX files of MNIST")
    parser.add_argument("--strips", type=int, default=12_000, metavar="N")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N")
    parser.add_argument("--out", type=Path, default=JUDGE, metavar="FILE", help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    dataset = datasets.load(f"idx:{Path(options.data).expanduser().absolute()}")
    split = dataset.train
    pictures, labels = dataset.pixels(split.x[:LEARNED])[:, 0], split.labels[:LEARNED]
    randoms = [np.random.default_rng((options.seed, number)) for number in range(options.strips)]
    train([make_samples(make_strip(pictures, labels, random), random) for random in randoms], options.out)
    return 0


def make_samples(strip: Strip, random: np.random.Generator) -> Samples:
    """All pieces of a strip that are a digit, and some of those that are none."""
    line, pieces = pieces_of(strip)
    classes = true_classes(strip, line, pieces)
    none = random.permutation(np.flatnonzero(classes == NONE))[:NONE_OF_STRIP]
    chosen = np.append(np.flatnonzero((classes >= 0) & (classes < NONE)), none)
    x = windows(line.picture, [pieces[number] for number in chosen])
    return Samples((x * 255 + 0.5).astype(np.uint8), classes[chosen])


def pieces_of(strip: Strip) -> tuple[Line, list[Piece]]:
    """The line that is seen in a strip, and its pieces, as a reader finds both."""
    line = find_line(prepare(strip.picture)[2].picture)
    return line, find_pieces(line.picture)


def true_classes(strip: Strip, line: Line, pieces: list[Piece]) -> NDArray[np.int64]:
    """The digit that each piece is, NONE, or -1 where that is a matter of taste."""
    height, width = line.picture.shape
    rows = (line.top + (np.arange(height) + 0.5) / line.factor).astype(int).clip(0, strip.owners.shape[0] - 1)
    columns = (line.left + (np.arange(width) + 0.5) / line.factor).astype(int).clip(0, strip.owners.shape[1] - 1)
    owners = strip.owners[np.ix_(rows, columns)]
    written = _ink_of_each(owners, line.picture)
    classes = []
    for piece in pieces:
        own = _ink_of_each(owners[piece.place], piece.amount)
        shared = own / np.maximum(written + own.sum() - own, 1)
        digit = int(shared.argmax())
        share = shared[digit]
        classes.append(int(strip.text[digit]) if share >= WHOLE else NONE if share < BROKEN else -1)
    return np.array(classes)


def train(samples: list[Samples], out: Path) -> None:
    """Write the network that learns from them, by RECIPE, and tell what it knows of the strips that are left out."""
    learned = _joined([sample for n, sample in enumerate(samples) if n % TESTED])
    tested = _joined(samples[::TESTED])
    mean, std = pixel_statistics(learned.x, np.arange(len(learned.x)))
    splits = [Split(standardized(x, np.arange(len(x)), mean, std), y) for x, y in (learned, tested)]
    names = (*TEN_DIGITS, "none")
    about = f"{len(samples):,} strips of MNIST's training digits"
    dataset = Dataset("pieces", splits[0], splits[1], splits[1], names, mean, std, about)
    config = make_config(RECIPE)
    learner = Learner(config, dataset)
    for epoch in range(config.epochs):
        for _ in range(learner.steps_per_epoch):
            learner.train_step(config.epochs)
        learner.end_epoch()
        loss, accuracy, count = learner.evaluate(dataset.test)
        print(f"epoch {epoch + 1}: of {count:,} other pieces {accuracy:.2%} right, loss {loss:.4f}", flush=True)
    learner.close()
    with TemporaryDirectory(prefix="tui-nn-") as folder:
        path = Path(folder) / "judge.safetensors"
        save_checkpoint(path, learner, Progress(config.epochs))
        # Beside it lies what is needed to train on, three times as large.
        out.write_bytes(path.read_bytes())


def _joined(samples: list[Samples]) -> Samples:
    return Samples(*(np.concatenate(parts) for parts in zip(*samples, strict=True)))


def _ink_of_each(owners: Array, amount: Array) -> NDArray[np.int64]:
    """Pixels of ink of each digit of a strip: (7,)"""
    return np.bincount(owners[(amount > EDGE) & (owners != NOBODY)], minlength=DIGITS)
