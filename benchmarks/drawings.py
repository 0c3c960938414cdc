"""Digits drawn with the canvas's brush, in the manner of ten hands, predicted as the drawing screen does it."""

import argparse
import json
import tomllib
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.digit_reader import Reader, add_reader_options, make_reader
from engine.digits.reading import read
from tui_nn.drawing import Drawing

TARGET = 0.90

FILE = Path(__file__).parent / "data" / "drawings.toml"

SIDE = 56
"""Pixels of the canvas's height and width: that of a terminal with 28 rows for it."""

BETWEEN = 8
"""Points of a curve between two that are given."""

Point = tuple[float, float]


class Drawn(NamedTuple):
    """A drawing (56, 56), 0 paper to 1 ink, the digit that is meant, by which hand, and whether it is kept aside."""

    amount: NDArray[np.float32]
    digit: int
    hand: str
    aside: bool


def main(arguments: list[str]) -> int:
    """Predict and print; returns 1 where fewer than the target are right of those kept aside."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks drawings", description=__doc__)
    add_reader_options(parser)
    options = parser.parse_args(arguments)
    reader = make_reader(options)
    result = {**reader.about, **measure(reader, load_drawings())}
    print(json.dumps(result) if options.json else report(result))
    aside = result["aside"]
    return int(aside["right"] < TARGET * aside["count"])


def load_drawings(path: Path = FILE) -> list[Drawn]:
    """All drawings of a file, hand by hand, 0 to 9 each."""
    found = []
    for hand in tomllib.loads(path.read_text(encoding="utf-8"))["hand"]:
        for digit, text in enumerate(hand["digits"]):
            strokes = [[_point(point) for point in stroke.split()] for stroke in text.split("|")]
            amount = draw(strokes, hand["brush"] / 100, smooth=hand["smooth"])
            found.append(Drawn(amount, digit, hand["manner"], hand["aside"]))
    return found


def draw(strokes: list[list[Point]], radius: float, *, smooth: bool) -> NDArray[np.float32]:
    """The ink of strokes, in heights of the canvas, (56, 56) in 0..1."""
    drawing = Drawing()
    for stroke in strokes:
        (first, *rest) = curve(stroke) if smooth else stroke
        drawing.press(*first, radius)
        for point in rest:
            drawing.move(*point)
        drawing.lift()
    return np.divide(drawing.ink(SIDE, SIDE), 255, dtype=np.float32)


def curve(points: list[Point]) -> list[Point]:
    """Through all points: a cubic between two, as steep at each as from its neighbour before to the one behind.

    Catmull and Rom 1974, "A class of local interpolating splines".
    """
    p = np.array([points[0], *points, points[-1]])
    t = np.linspace(0, 1, BETWEEN, endpoint=False)[:, np.newaxis]
    path = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * (b - c) + d - a) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return [(float(x), float(y)) for x, y in np.concatenate([*path, p[-1:]])]


def measure(reader: Reader, drawings: list[Drawn]) -> dict[str, Any]:
    """How many are right of those that are kept aside, and of the others; which are wrong."""
    answers = [read(drawn.amount, reader.classify, drawn=True, number=False).text for drawn in drawings]
    result: dict[str, Any] = {}
    for name, aside in (("aside", True), ("others", False)):
        pairs = [(drawn, answer) for drawn, answer in zip(drawings, answers, strict=True) if drawn.aside is aside]
        right = sum(answer == str(drawn.digit) for drawn, answer in pairs)
        share = right / len(pairs)
        result[name] = {
            "count": len(pairs),
            "right": right,
            "standard_error": sqrt(share * (1 - share) / len(pairs)),
            "wrong": [[str(drawn.digit), answer, drawn.hand] for drawn, answer in pairs if answer != str(drawn.digit)],
        }
    return result


def report(result: dict[str, Any]) -> str:
    """A few lines."""
    lines = [f"{result['recipe']}: {result['checkpoint']}"]
    for name, about in (("aside", "kept aside"), ("others", "the others")):
        found = result[name]
        share = found["right"] / found["count"]
        met = f"; {'met' if share >= TARGET else 'MISSED'}: {TARGET:.0%}" if name == "aside" else ""
        error = f"s. e. {found['standard_error']:.1%}"
        lines.append(f"{about}: {found['right']} of {found['count']}, {share:.1%}, {error}{met}")
        lines += [f"  {digit} for {answer}: {hand}" for digit, answer, hand in found["wrong"]]
    return "\n".join(lines)


def _point(text: str) -> Point:
    across, down = text.split(",")
    return float(across) / 100, float(down) / 100
