"""A network with all that one training step needs, and nothing that needs a thread, a clock or a disk."""

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.datasets.base import Dataset, Split
from engine.datasets.batches import epoch_order
from engine.errors import UserError, unknown
from engine.expressions import make_one
from engine.hyperparameters import Hyperparameter, tunable, tunables
from engine.kernels.norms import square_sums
from engine.layers.dropout import Dropout
from engine.losses import losses
from engine.model import Sequential, require_output
from engine.optimizers import optimizers
from engine.optimizers.base import clip_factor
from engine.schedules import schedule
from engine.training.config import Config

LOWEST_DROPOUT, HIGHEST_DROPOUT = 0.0, 1.0


@dataclass
class StepSettings:
    """The tunable numbers that belong to the step itself, neither to the optimizer nor to a layer."""

    batch_size: float = tunable(32, low=1, high=65536, scale="log2", help="samples a step")
    clip_norm: float = tunable(0.0, low=1e-3, high=1e3, zero=True, help="largest global norm of the gradient")


class StepFigures(NamedTuple):
    """What one step showed. Norms are of the gradient before clipping, by learning layer.

    `trouble` says what was not finite; the weights were then left as they were.
    """

    loss: float
    correct: int
    samples: int
    norms: Array
    learning_rate: float
    trouble: str = ""


@dataclass
class EpochSums:
    """The running sums of the epoch so far, for its mean loss and accuracy."""

    loss: float = 0.0
    correct: int = 0
    count: int = 0


@dataclass
class Position:
    """Where training stands: steps taken, epochs ended, samples of this epoch used."""

    step: int = 0
    epoch: int = 0
    sample: int = 0
    sums: EpochSums = field(default_factory=EpochSums)


class Learner:
    """Model, loss, optimizer, schedule and the place in the data.

    The order of an epoch's samples is a function of seed and epoch, so `position` is all that resuming needs.
    Raises UserError for a configuration that does not fit itself or the data.
    """

    def __init__(self, config: Config, dataset: Dataset) -> None:
        self.config = config
        self.dataset = dataset
        self.loss = make_one(config.loss, losses)
        self.model = Sequential(config.model, dataset.input_shape, init=config.init, seed=config.seed)
        classes = len(dataset.class_names)
        require_output(self.model, self.loss.output_shape(classes), f"{dataset.name} with {classes} classes")
        self.optimizer = make_one(config.optimizer, optimizers)
        self.schedule = schedule(config.schedule)
        self.settings = StepSettings()
        self.position = Position()
        self._dropout_chosen = False
        self.optimizer.start(self.model.values)
        self._apply_config()
        layers = self.model.learning_layers
        ends = np.cumsum([0, *(sum(p.size for p in self.model.layers[i].parameters) for i in layers)])
        self._layer_offsets = ends.astype(np.int64)
        self._square_sums = np.zeros(len(layers))
        self._order = epoch_order(len(dataset.train), config.seed, 0)
        self._order_epoch = 0

    @property
    def steps_per_epoch(self) -> int:
        """Steps that an epoch takes with the present batch size; the last one may be smaller."""
        return -(-len(self.dataset.train) // int(self.settings.batch_size))

    @property
    def epoch(self) -> float:
        """Epochs trained, with the fraction of the present one."""
        return self.position.epoch + self.position.sample / len(self.dataset.train)

    @property
    def hyperparameters(self) -> list[Hyperparameter]:
        """All that may change between two steps, with present values."""
        found = [*tunables(self.optimizer), *tunables(self.settings)]
        if any(isinstance(layer, Dropout) for layer in self.model.layers):
            found.append(self._dropout())
        return [*found, *tunables(self.loss)]

    @property
    def chosen(self) -> dict[str, float]:
        """The values for a run that goes on or begins anew; dropout only once it was set, for its layers may differ."""
        values = {item.name: item.value for item in self.hyperparameters}
        return values if self._dropout_chosen else {name: values[name] for name in values if name != "dropout"}

    def hyperparameter(self, name: str) -> Hyperparameter:
        """The hyperparameter of that name, as it is now. Raises UserError for an unknown name."""
        by_name = {item.name: item for item in self.hyperparameters}
        if name not in by_name:
            raise unknown("hyperparameter", name, by_name)
        return by_name[name]

    def set(self, name: str, value: object) -> Hyperparameter:
        """Change a hyperparameter; returns it as it is now. Raises UserError for an unknown name or a bad value."""
        name = "learning_rate" if name == "lr" else name
        number = self.hyperparameter(name).checked(value)
        count = len(self.dataset.train)
        if name == "batch_size" and number > count:
            raise UserError(f"batch_size {value!r}: more than the {count} training samples of {self.dataset.name}")
        if name == "dropout":
            self._dropout_chosen = True
            for layer in self.model.layers:
                if isinstance(layer, Dropout):
                    layer.p = number
        for holder in (self.optimizer, self.settings, self.loss):
            if any(item.name == name for item in tunables(holder)):
                setattr(holder, name, number)
        return self.hyperparameter(name)

    def train_step(self, epochs: int) -> StepFigures:
        """One batch forward and back, and one update, of a run planned for so many epochs."""
        x, labels = self._next_batch()
        outputs, back = self.model.forward(x, training=True)
        value, loss_back = self.loss.forward(outputs, self.loss.targets(labels, outputs))
        factor = self.schedule(self.position.step, self.epoch, epochs)
        rate = factor * self.optimizer.learning_rate
        if not isfinite(value):
            return StepFigures(value, 0, len(labels), np.zeros_like(self._square_sums), rate, "the loss")
        back(loss_back())
        square_sums(self.model.gradients, self._layer_offsets, self._square_sums)
        # Norms before the update: Adam's step would hide a vanishing gradient.
        norms = np.sqrt(self._square_sums)
        norm = float(np.sqrt(self._square_sums.sum()))
        if not isfinite(norm):
            return StepFigures(value, 0, len(labels), norms, rate, "the gradient")
        scale = clip_factor(norm, self.settings.clip_norm)
        self.optimizer.step(self.model.values, self.model.gradients, factor=factor, scale=scale)
        correct = int(np.count_nonzero(self.loss.chosen(outputs) == labels))
        self._advance(value, correct, len(labels))
        return StepFigures(value, correct, len(labels), norms, rate)

    def evaluate(self, split: Split, limit: int | None = None, batch: int = 1000) -> tuple[float, float, int]:
        """Mean loss, accuracy and count over (the first `limit` samples of) a split, without dropout."""
        count = min(len(split), limit or len(split))
        total, correct = 0.0, 0
        for start in range(0, count, batch):
            x, labels = split.x[start : min(start + batch, count)], split.labels[start : min(start + batch, count)]
            outputs, _ = self.model.forward(x, training=False)
            value, _ = self.loss.forward(outputs, self.loss.targets(labels, outputs))
            total += value * len(labels)
            correct += int(np.count_nonzero(self.loss.chosen(outputs) == labels))
        return (total / count, correct / count, count) if count else (np.nan, np.nan, 0)

    def predict(self, x: Array) -> tuple[Array, Array]:
        """The class that each sample is taken for, (batch,), and what speaks for each class, (batch, classes)."""
        outputs, _ = self.model.forward(x, training=False)
        return self.loss.chosen(outputs), self.loss.probabilities(outputs)

    def _next_batch(self) -> tuple[Array, Array]:
        position, split = self.position, self.dataset.train
        if self._order_epoch != position.epoch:
            self._order = epoch_order(len(split), self.config.seed, position.epoch)
            self._order_epoch = position.epoch
        chosen = self._order[position.sample : position.sample + int(self.settings.batch_size)]
        return split.x[chosen], split.labels[chosen]

    def _advance(self, loss: float, correct: int, count: int) -> None:
        position = self.position
        position.step += 1
        position.sample += count
        position.sums.loss += loss * count
        position.sums.correct += correct
        position.sums.count += count

    def end_epoch(self) -> EpochSums | None:
        """The sums of the epoch that has just ended, and on to the next; None while one goes on."""
        if self.position.sample < len(self.dataset.train):
            return None
        sums = self.position.sums
        self.position = replace(self.position, epoch=self.position.epoch + 1, sample=0, sums=EpochSums())
        return sums

    def _dropout(self) -> Hyperparameter:
        first = next(layer for layer in self.model.layers if isinstance(layer, Dropout))
        text = "share of units left out of a step"
        return Hyperparameter("dropout", first.p, LOWEST_DROPOUT, HIGHEST_DROPOUT, "linear", text)

    def _apply_config(self) -> None:
        """The configuration's numbers, checked as those that come later: an error names the option."""
        config = self.config
        given = [(f"--optimizer {config.optimizer}", item.name, item.value) for item in tunables(self.optimizer)]
        given += [(f"--loss {config.loss}", item.name, item.value) for item in tunables(self.loss)]
        if config.lr is not None:
            given.append((f"--lr {config.lr:g}", "learning_rate", config.lr))
        given.append((f"--batch-size {config.batch_size}", "batch_size", config.batch_size))
        given.append((f"--clip-norm {config.clip_norm:g}", "clip_norm", config.clip_norm))
        given += [(f"--set {name}={value:g}", name, value) for name, value in config.set.items()]
        for option, name, value in given:
            try:
                self.set(name, value)
            except UserError as error:
                raise UserError(f"{option}: {str(error).removeprefix(f'{name} {value!r}: ')}") from None
