"""What a configuration leaves to the data: the loss, and how many outputs the network has."""

import re

import msgspec

from engine.arrays import Shape
from engine.datasets.base import Dataset
from engine.errors import UserError
from engine.expressions import make_one
from engine.losses import Loss, losses
from engine.training.config import Config

REMEDY = "; Linear(outputs) gives what the data needs"
"""Behind an error about the last layer's shape."""

OUTPUTS = re.compile(r"\boutputs\b")


def fit_to_data(config: Config, dataset: Dataset) -> Config:
    """The configuration with a loss that suits the answers in place of "auto", and a number for `outputs` in the model.

    Raises UserError for a loss that compares classes where the answers are numbers.
    """
    text = config.loss
    if text == "auto":
        text = "cross_entropy" if dataset.target is None else "mse"
    loss = make_one(text, losses)
    if dataset.target is not None and not loss.takes_numbers:
        able = ", ".join(name for name in losses.names() if losses[name]().takes_numbers)
        raise UserError(f"--loss {text}: compares classes, but {dataset.name} asks for a number; it may be {able}")
    model = OUTPUTS.sub(str(output_shape(loss, dataset)[0]), config.model)
    return msgspec.structs.replace(config, loss=text, model=model)


def output_shape(loss: Loss, dataset: Dataset) -> Shape:
    """The shape of what the network must give for one sample."""
    return (1,) if dataset.target is not None else loss.output_shape(len(dataset.class_names))


def describe_answers(dataset: Dataset) -> str:
    """What is to be learned, for errors: "csv:iris.csv with 3 classes"."""
    if dataset.target is not None:
        return f"{dataset.name} with a number to predict ({dataset.target.name})"
    return f"{dataset.name} with {len(dataset.class_names)} classes"
