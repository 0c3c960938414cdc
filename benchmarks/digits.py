"""Digits from elsewhere than MNIST, prepared and predicted: the share that is right."""

import argparse
import json
import sys
from math import sqrt
from typing import Any

import numpy as np

from benchmarks.digit_reader import Reader, add_reader_options, make_reader
from engine.arrays import Array
from engine.digits.reading import read

TARGET = 0.95

SIDE = 28


def main(arguments: list[str]) -> int:
    """Predict and print; returns 1 where fewer than the target are right, 2 without scikit-learn, which has them."""
    options = _options(arguments)
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        print("benchmarks: digits: needs scikit-learn, which has them: pip install scikit-learn", file=sys.stderr)
        return 2
    reader = make_reader(options)
    found = load_digits()
    result = {**reader.about, **measure(reader, enlarged(found.images / 16), found.target)}
    print(json.dumps(result) if options.json else report(result))
    return int(result["right"] < TARGET * result["count"])


def enlarged(pictures: Array) -> list[Array]:
    """Pictures (count, 8, 8) as (28, 28), white on black, bicubic."""
    from PIL import Image

    images = (Image.fromarray(picture.astype(np.float32)) for picture in pictures)
    return [np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).clip(0, 1) for image in images]


def measure(reader: Reader, pictures: list[Array], labels: Array) -> dict[str, Any]:
    """How many are right as amounts of ink, as pictures whose background is to be found, and without preparation."""
    count = len(labels)
    counts = {
        name: sum(int(answer == str(label)) for answer, label in zip(answers, labels, strict=True))
        for name, answers in {
            "right": [read(picture, reader.classify, drawn=True, number=False).text for picture in pictures],
            "right_as_picture": [read(picture, reader.classify, number=False).text for picture in pictures],
            "right_unprepared": list(
                map(str, reader.classify(np.stack(pictures)).probabilities.argmax(axis=1).tolist())
            ),
        }.items()
    }
    share = counts["right"] / count
    return {"count": count, **counts, "standard_error": sqrt(share * (1 - share) / count)}


def report(result: dict[str, Any]) -> str:
    """A few lines."""
    count = result["count"]

    def line(about: str, name: str) -> str:
        return f"{about:<42}{result[name]:,}, {result[name] / count:.1%}"

    met = "met" if result["right"] >= TARGET * count else "MISSED"
    return "\n".join(
        [
            f"{result['recipe']}: {result['checkpoint']}",
            f"{count:,} digits of scikit-learn's load_digits (the test split of UCI's optdigits), from 8x8 to 28x28",
            f"{line('prepared, as drawn', 'right')}, s. e. {result['standard_error']:.1%}; {met}: {TARGET:.0%}",
            line("prepared, as pictures of unknown light", "right_as_picture"),
            line("as they are", "right_unprepared"),
        ]
    )


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks digits", description=__doc__)
    add_reader_options(parser)
    return parser.parse_args(arguments)
