"""A network that reads digits, for the benchmarks that measure it: one that is given, or trained first."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from benchmarks.options import mistakes
from benchmarks.process import ROOT
from engine import datasets
from engine.arrays import Array
from engine.datasets import Dataset
from engine.digits.answers import Answers
from engine.digits.reading import knows_digits
from engine.errors import UserError
from engine.predictor import Predictor, load_predictor

RECIPE = {
    "preset": "lenet",
    "augment": "elastic(alpha=18)",
    "optimizer": "adamw",
    "set": "weight_decay=0.1",
    "epochs": "40",
    "batch-size": "64",
    "seed": "1",
}
"""Chosen on validation digits (docs/digits.md)."""


class Reader(NamedTuple):
    """A network, the data set that its digits come from, and what the result says of both."""

    predictor: Predictor
    dataset: Dataset
    about: dict[str, Any]

    def classify(self, pictures: Array) -> Answers:
        """Pictures in MNIST's form, (count, 28, 28)."""
        return self.predictor.answers(pictures[:, np.newaxis])


def add_reader_options(parser: argparse.ArgumentParser) -> None:
    """Those that `make_reader` needs."""
    parser.add_argument("--data", type=_spec, default="mnist", metavar="DIR", help="the four IDX files of MNIST")
    parser.add_argument(
        "--checkpoint", type=mistakes(given_network), metavar="FILE", help="a network (default: one is trained)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def make_reader(options: argparse.Namespace) -> Reader:
    """The network that is given, or one trained by the recipe. Raises UserError where it cannot be trained."""
    dataset = datasets.load(options.data)
    if options.checkpoint is not None:
        path, predictor = options.checkpoint
        return Reader(predictor, dataset, {"checkpoint": str(path), "recipe": "given"})
    recipe = ", ".join(f"{name} {value}" for name, value in RECIPE.items())
    print(f"training: {recipe}", file=sys.stderr, flush=True)
    with TemporaryDirectory(prefix="tui-nn-") as folder:
        path = Path(folder) / "digits.safetensors"
        command = [sys.executable, "-m", "tui_nn", "train", "--dataset", options.data, "--checkpoint", str(path)]
        for name, value in RECIPE.items():
            command += [f"--{name}", value]
        ended = subprocess.run(command, stdout=sys.stderr, env={**os.environ, "PYTHONPATH": str(ROOT)})
        if ended.returncode:
            raise UserError(f"the training ended with status {ended.returncode}")
        predictor = load_predictor(path)
    return Reader(predictor, dataset, {"checkpoint": "trained for this", "recipe": recipe})


def given_network(text: str) -> tuple[Path, Predictor]:
    """The network of ten digits in a file, for an option. Raises UserError for another."""
    path = Path(text)
    predictor = load_predictor(path)
    if not knows_digits(predictor.class_names, predictor.input_shape):
        raise UserError(f"{path}: needs a network of ten digits of 28x28 pixels")
    return path, predictor


def _spec(text: str) -> str:
    return f"idx:{Path(text).expanduser().absolute()}"
