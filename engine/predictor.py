"""A trained network out of its checkpoint, asked about pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.arrays import Array, Shape
from engine.datasets.base import Target
from engine.digits.answers import Answers
from engine.errors import UserError
from engine.expressions import make_one
from engine.losses import Loss, losses
from engine.model import Sequential, require_output
from engine.training.checkpoint import Checkpoint, copy_tensors, read_checkpoint

AT_ONCE = 250
"""Samples that go through the network together."""


class About(msgspec.Struct):
    """What a checkpoint says of its network."""

    model: str
    input_shape: Shape
    classes: tuple[str, ...]
    input_mean: float | list[float]
    input_std: float | list[float]
    loss: str = "cross_entropy"
    target: dict[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Predictor:
    """Network, loss, and what is done to values before: x = (values - input_mean) / input_std."""

    model: Sequential
    loss: Loss
    class_names: tuple[str, ...]
    input_mean: Array
    input_std: Array
    target: Target | None = None

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample: (channels, height, width) for a picture."""
        return self.model.input_shape

    def probabilities(self, values: Array) -> Array:
        """What speaks for each class: (batch, *input_shape), pixels in 0..1 → (batch, classes)."""
        return self.loss.probabilities(self._outputs(values))

    def answers(self, values: Array) -> Answers:
        """The same, with what the network's largest output for each sample is."""
        outputs = self._outputs(values)
        return Answers(self.loss.probabilities(outputs), outputs.max(axis=1))

    def estimates(self, values: Array) -> Array:
        """The number that is predicted for each sample, in its own unit: (batch,)."""
        assert self.target is not None, "labels are classes"
        estimates: Array = self._outputs(values)[:, 0].astype(np.float64) * self.target.std + self.target.mean
        return estimates

    def _outputs(self, values: Array) -> Array:
        x = ((values - self.input_mean) / self.input_std).astype(np.float32)
        parts = [self.model.forward(x[at : at + AT_ONCE], training=False)[0] for at in range(0, len(x), AT_ONCE)]
        return np.concatenate(parts)


def load_predictor(path: Path) -> Predictor:
    """The network of a checkpoint. Raises UserError that names what is wrong with it."""
    checkpoint = read_checkpoint(path)
    try:
        about = msgspec.convert(checkpoint.metadata, About)
        target = Target(**about.target) if about.target else None
        predictor = _predictor(about, target)
    except (msgspec.ValidationError, UserError, TypeError, ValueError, MemoryError, OverflowError) as error:
        raise UserError(f"checkpoint {path}: its metadata describes no network: {error}") from None
    copy_weights(checkpoint, predictor.model)
    return predictor


def copy_weights(checkpoint: Checkpoint, model: Sequential) -> None:
    """Give a model the weights of a checkpoint. Raises UserError where the two do not fit."""
    copy_tensors(checkpoint, {name: p.value for name, p in model.parameters.items()} | model.buffers)


def _predictor(about: About, target: Target | None) -> Predictor:
    loss = make_one(about.loss, losses)
    model = Sequential(about.model, about.input_shape)
    expected = (1,) if target else loss.output_shape(len(about.classes))
    require_output(model, expected, "a target" if target else f"{len(about.classes)} classes")
    mean, std = np.asarray(about.input_mean, np.float32), np.asarray(about.input_std, np.float32)
    np.broadcast_shapes(mean.shape, std.shape, about.input_shape)
    return Predictor(model, loss, about.classes, mean, std, target)
