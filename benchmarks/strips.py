"""Seven test digits of MNIST side by side, touching or apart, read as one number: the share that is read right."""

import argparse
import json
from math import sqrt
from typing import Any

import numpy as np

from benchmarks.digit_reader import Reader, add_reader_options, make_reader
from benchmarks.strip_pictures import CLOSEST, DIGITS, FARTHEST, LARGEST, LEAN, SMALLEST, make_strip
from engine.arrays import Array
from engine.digits.reading import read

TARGET = 0.93

SEED = 2026
"""Of the strips; the weights of the reader were chosen on others."""


def main(arguments: list[str]) -> int:
    """Read and print; returns 1 where fewer than the target are right."""
    options = _options(arguments)
    reader = make_reader(options)
    split = getattr(reader.dataset, options.split)
    pictures = reader.dataset.pixels(split.x)[:, 0]
    result = {**reader.about, "split": options.split, "seed": options.seed}
    result |= measure(reader, pictures, split.labels, options.strips, options.seed)
    print(json.dumps(result) if options.json else report(result))
    return int(result["right"] < TARGET * result["strips"])


def measure(reader: Reader, pictures: Array, labels: Array, count: int, seed: int) -> dict[str, Any]:
    """Counts over so many strips: whole numbers right, as many digits found as there are, each digit right by itself.

    `apart` says in how many all seven digits are right when the network gets them one by one, as they are in MNIST: no
    reader of strips can be expected to do better.
    """
    random = np.random.default_rng(seed)
    alone = reader.predictor.probabilities(pictures[:, np.newaxis]).argmax(axis=1) == labels
    right = lengths = apart = unmarked = 0
    wrong = []
    for _ in range(count):
        strip = make_strip(pictures, labels, random)
        found = read(strip.picture, reader.classify)
        right += found.text == strip.text
        lengths += len(found.digits) == DIGITS
        apart += bool(alone[strip.samples].all())
        unmarked += len(found.digits) == 1
        if found.text != strip.text:
            wrong.append([strip.text, found.text])
    return {
        "strips": count,
        "right": right,
        "standard_error": sqrt(right / count * (1 - right / count) / count),
        "length_right": lengths,
        "taken_for_one_digit": unmarked,
        "apart": apart,
        "wrong": wrong,
    }


def report(result: dict[str, Any]) -> str:
    """A few lines."""
    count, right = result["strips"], result["right"]
    share = right / count
    return "\n".join(
        [
            f"{result['recipe']}: {result['checkpoint']}",
            f"{count:,} strips of {DIGITS} digits of MNIST's {result['split']} split, seed {result['seed']}; "
            f"{CLOSEST} to {FARTHEST} pixels apart, heights x {SMALLEST} to {LARGEST}, slopes to {LEAN} either way",
            f"whole number right   {right:,}, {share:.1%}, standard error {result['standard_error']:.1%}; "
            f"{'met' if share >= TARGET else 'MISSED'}: {TARGET:.0%}",
            f"as many digits       {result['length_right']:,}, {result['length_right'] / count:.1%}",
            f"one by one, uncut    {result['apart']:,}, {result['apart'] / count:.1%}",
        ]
    )


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks strips", description=__doc__)
    add_reader_options(parser)
    parser.add_argument("--strips", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="test", help="whose digits")
    return parser.parse_args(arguments)
