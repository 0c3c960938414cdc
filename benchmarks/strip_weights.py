"""The weights by which a line of digits is cut (engine/digits/weighing.py), from strips of training digits."""

import argparse
import sys
from typing import Any, NamedTuple

import numpy as np

from benchmarks.digit_reader import Reader, add_reader_options, given_network, make_reader
from benchmarks.options import mistakes
from benchmarks.piece_judge import LEARNED, pieces_of
from benchmarks.strip_pictures import make_strip
from engine.arrays import Array
from engine.digits import weighing
from engine.digits.judge import NONE, judged

SEED = 202

STEPS = 50
"""Of the search for the weights."""

SMALL = 1e-4
"""Times the square of each weight, added to the loss of a strip."""


class Lattice(NamedTuple):
    """A strip's pieces: the cuts to their sides, log p of the network and of the judge, features, shapes; and what is
    written there.
    """

    sides: Array
    certainty: Array
    judgement: Array
    features: Array
    shapes: Array
    digits: list[int]


class Weights(NamedTuple):
    """Of what a lattice has, in its order."""

    certainty: float
    judgement: float
    features: Array
    shapes: Array


def main(arguments: list[str]) -> int:
    """Make strips, fit, print the constants; returns 2 without PyTorch, which has the search and the gradients."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks strip_weights", description=__doc__)
    add_reader_options(parser)
    parser.add_argument("--strips", type=int, default=800, metavar="N")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N")
    parser.add_argument(
        "--beside",
        type=mistakes(given_network),
        action="append",
        default=[],
        metavar="FILE",
        help="another network that the weights are to suit as well (several times)",
    )
    options = parser.parse_args(arguments)
    try:
        import torch  # noqa: F401
    except ImportError:
        print("benchmarks: strip_weights: needs PyTorch: pip install torch", file=sys.stderr)
        return 2
    reader = make_reader(options)
    readers = [reader, *(reader._replace(predictor=predictor) for _, predictor in options.beside)]
    weights = fit(make_lattices(readers, options.strips, options.seed))
    print(f"CERTAINTY = {weights.certainty:.2f}\nJUDGEMENT = {weights.judgement:.2f}\nWEIGHTS =")
    named = zip(weighing.FEATURES, weights.features, strict=True)
    print("\n".join(f"{name:<10}{weight:7.2f}" for name, weight in named))
    print(
        "SHAPE_WEIGHTS =\n" + "\n".join("    [" + ", ".join(f"{w:.2f}" for w in row) + "]," for row in weights.shapes)
    )
    return 0


def make_lattices(readers: list[Reader], count: int, seed: int) -> list[Lattice]:
    """Of strips of the training digits that the judge has not seen, one for each network."""
    dataset, random = readers[0].dataset, np.random.default_rng(seed)
    split = dataset.train
    pictures, labels = dataset.pixels(split.x[LEARNED:])[:, 0], split.labels[LEARNED:]
    lattices = []
    for _ in range(count):
        strip = make_strip(pictures, labels, random)
        line, pieces = pieces_of(strip)
        judgement = judged(line.picture, pieces)
        measured = np.array([piece.measures for piece in pieces]).T
        for reader in readers:
            answers = reader.classify(np.stack([piece.picture for piece in pieces]))
            lattices.append(
                Lattice(
                    np.array([(piece.first, piece.last) for piece in pieces]),
                    weighing.certainty(answers.probabilities),
                    weighing.certainty(judgement[:, :NONE]),
                    weighing.features(measured, answers.strengths, judgement[:, NONE]),
                    weighing.shapes(measured),
                    [int(digit) for digit in strip.text],
                )
            )
    return lattices


def fit(lattices: list[Lattice]) -> Weights:
    """The weights with the least mean of -log P(what is written | strip)."""
    import torch

    strips = torch.tensor(np.repeat(np.arange(len(lattices)), [len(lattice.sides) for lattice in lattices]))
    sides, *joined = (torch.tensor(np.concatenate([lattice[n] for lattice in lattices])) for n in range(5))
    certainty, judgement, features, shapes = joined
    ends = torch.tensor([int(lattice.sides.max()) for lattice in lattices])
    digits = torch.tensor([lattice.digits for lattice in lattices])
    weights = [
        torch.ones(2, dtype=torch.float64, requires_grad=True),
        torch.zeros(features.shape[1], dtype=torch.float64, requires_grad=True),
        torch.zeros(10, shapes.shape[1], dtype=torch.float64, requires_grad=True),
    ]
    search = torch.optim.LBFGS(weights, max_iter=STEPS, line_search_fn="strong_wolfe", history_size=20)

    def closure() -> Any:
        search.zero_grad()
        scores = weights[0][0] * certainty + weights[0][1] * judgement
        scores = scores + (features @ weights[1])[:, None] + shapes @ weights[2].T
        found = unlikeliness(strips, sides, scores, ends, digits)
        # A strip that cannot be read at all, for want of a cut, teaches nothing.
        loss = found[found < 1e6].clamp(max=30).mean() + SMALL * sum((weight**2).sum() for weight in weights[1:])
        loss.backward()
        return loss

    search.step(closure)
    said, *others = (weight.detach().numpy() for weight in weights)
    return Weights(*said.tolist(), *others)


def unlikeliness(strips: Any, sides: Any, scores: Any, ends: Any, digits: Any) -> Any:
    """-log P(digits | strip) for each strip, over all ways from cut 0 to the last.

    strips: (pieces,), sides: (pieces, 2), scores: (pieces, 10), ends: (strips,), digits: (strips, length)
    """
    import torch

    count, cuts = len(ends), int(ends.max()) + 1
    each = torch.arange(count)

    def table(values: Any) -> Any:
        """For each strip, from each cut to each."""
        nowhere = torch.full((count, cuts, cuts), -1e9, dtype=torch.float64)
        return nowhere.index_put((strips, sides[:, 0], sides[:, 1]), values)

    any_digit = table(torch.logsumexp(scores, 1))
    ways = [torch.zeros(count, dtype=torch.float64)]
    for cut in range(1, cuts):
        ways.append(torch.logsumexp(torch.stack(ways, 1) + any_digit[:, :cut, cut], 1))
    written = torch.full((count, cuts), -1e9, dtype=torch.float64)
    written[:, 0] = 0
    for place in range(digits.shape[1]):
        one = table(scores.gather(1, digits[strips, place, None])[:, 0])
        written = torch.logsumexp(written[:, :, None] + one, 1)
    return torch.stack(ways, 1)[each, ends] - written[each, ends]
