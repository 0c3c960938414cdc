"""`tui-nn predict`: what a trained network takes pictures for."""

import json as json_format
import sys
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.datasets.base import printable
from engine.datasets.single_picture import read_grey, read_sized
from engine.digits.reading import Reading, knows_digits, read
from engine.errors import UserError
from engine.predictor import Predictor, load_predictor
from tui_nn.exit_status import DONE, FAILED
from tui_nn.steps import StepFolder

SHOWN = 3
"""Classes that a line tells of a picture."""

Entry = dict[str, Any]
"""What is said of one file: as JSON, or in a line."""


def predict_files(
    checkpoint: Path, files: list[Path], *, number: bool | None, as_is: bool, json: bool, steps: Path | None = None
) -> int:
    """Predict each file; returns the exit status: that of a failure if any could not be. Raises UserError."""
    predictor = load_predictor(checkpoint)
    if len(predictor.input_shape) != 3:
        takes = (
            f"takes rows of {predictor.input_shape[0]} numbers" if len(predictor.input_shape) == 1 else "takes others"
        )
        raise UserError(f"checkpoint {checkpoint}: {takes}, no pictures; predict needs a network of pictures")
    digits = knows_digits(predictor.class_names, predictor.input_shape) and not as_is
    for option in ("--number",) * bool(number) + ("--steps",) * (steps is not None):
        if not digits:
            raise UserError(
                f"{option}: needs a network whose classes are the digits 0 to 9, of 28x28 pixels, and no --as-is"
            )
    folder = StepFolder(steps) if steps is not None else None
    entries, status = [], DONE
    for file in files:
        try:
            entry = _read(predictor, file, number, folder) if digits else _look(predictor, file)
        except (UserError, MemoryError) as error:
            print(f"tui-nn: {error if str(error) else f'{file}: too large for memory'}", file=sys.stderr)
            status = FAILED
            continue
        entries.append(entry)
        if not json:
            print(_line(entry), flush=True)
    if json:
        print(json_format.dumps(entries))
    return status


def _read(predictor: Predictor, file: Path, number: bool | None, folder: StepFolder | None) -> Entry:
    """A digit or a number, brought to MNIST's form."""
    grey = read_grey(file)
    try:
        found = read(grey, lambda x: predictor.answers(x[:, np.newaxis]), number=number)
    except UserError as error:
        raise UserError(f"{file}: {error}") from None
    if folder is not None:
        folder.save(file, found)
    if not found.digits:
        raise UserError(printable(f"{file}: shows nothing but its background; expected a digit, darker or lighter"))
    entry = {"file": str(file), "class": found.text, "probabilities": _probabilities(found)}
    if len(found.digits) > 1 or number:
        entry["number"] = found.text
    names = predictor.class_names
    entry["digits"] = [
        {
            "class": names[digit.label],
            "confidence": float(digit.probabilities.max()),
            "probabilities": digit.probabilities.tolist(),
            "box": [round(side, 4) for side in digit.box],
        }
        for digit in found.digits
    ]
    return {**entry, "classes": list(names)}


def _probabilities(found: Reading) -> list[float]:
    """Of the digit; of a number, that of each digit read."""
    if len(found.digits) == 1:
        return [float(p) for p in found.digits[0].probabilities]
    return [float(digit.probabilities.max()) for digit in found.digits]


def _look(predictor: Predictor, file: Path) -> Entry:
    """A picture in the size of the network's others."""
    values: Array = read_sized(file, predictor.input_shape)[np.newaxis]
    if predictor.target is not None:
        estimate = float(predictor.estimates(values)[0])
        return {
            "file": str(file),
            "class": None,
            "probabilities": [],
            "target": predictor.target.name,
            "estimate": estimate,
        }
    probabilities = predictor.probabilities(values)[0]
    names = predictor.class_names
    return {
        "file": str(file),
        "class": names[int(probabilities.argmax())],
        "probabilities": [float(p) for p in probabilities],
        "classes": list(names),
    }


def _line(entry: Entry) -> str:
    """FILE: 7  99.1 %   then 1 0.5 %, 9 0.2 %; of a number the confidence in each digit."""
    file = printable(entry["file"])
    if "estimate" in entry:
        return f"{file}: {printable(entry['target'])} {entry['estimate']:.6g}"
    if len(entry.get("digits", ())) > 1:
        each = "  ".join(f"{digit['class']} {digit['confidence']:.1%}" for digit in entry["digits"])
        return f"{file}: {entry['number']}   {each}"
    pairs = sorted(zip(entry["probabilities"], entry["classes"], strict=True), reverse=True)[:SHOWN]
    (best, name), *others = pairs
    rest = ", ".join(f"{printable(other)} {p:.1%}" for p, other in others)
    return f"{file}: {printable(name)}  {best:.1%}" + (f"   {rest}" if rest else "")
