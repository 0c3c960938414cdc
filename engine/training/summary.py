"""A run in figures: where it begins, and how it ended."""

from collections.abc import Sequence
from math import nan, sqrt
from typing import Any, NamedTuple

import msgspec
import numpy as np

from engine.health.verdict import Verdict
from engine.layers import Leaf
from engine.layers.softmax import Softmax
from engine.losses.cross_entropy import CrossEntropy
from engine.machine import peak_memory_mb
from engine.model import Sequential
from engine.training.events import LayerInfo, RunStarted
from engine.training.learner import Learner

BOUNDED = ("Sigmoid", "Softmax", "Tanh", "ReLU")
"""Layers that give a part of all numbers only."""


class Cost(NamedTuple):
    """What a run took: seconds of training and evaluation, samples trained on, seconds of compilation, threads."""

    seconds: float
    samples: int
    compile_seconds: float
    threads: int


def run_started(
    learner: Learner, run: str, epochs: int, threads: int, compile_seconds: float, notices: tuple[str, ...] = ()
) -> RunStarted:
    """The network, its data and its numbers as they stand."""
    dataset = learner.dataset
    return RunStarted(
        run=run,
        config=learner.config,
        dataset=dataset.name,
        class_names=dataset.class_names,
        train_count=len(dataset.train),
        validation_count=len(dataset.validation),
        test_count=len(dataset.test),
        layers=describe_layers(learner.model),
        parameters=learner.model.parameter_count,
        hyperparameters=tuple(learner.hyperparameters),
        threads=threads,
        step=learner.position.step,
        epoch=learner.epoch,
        epochs=epochs,
        steps_per_epoch=learner.steps_per_epoch,
        compile_seconds=compile_seconds,
        notices=notices + dataset.notices + _notices(learner, epochs),
        feature_names=dataset.feature_names,
        target=dataset.target.name if dataset.target else "",
        input_shape=dataset.input_shape,
    )


def describe_layers(model: Sequential) -> tuple[LayerInfo, ...]:
    """The layers that learn, first to last."""
    return tuple(_describe(model, leaf) for leaf in model.learning_layers)


def _describe(model: Sequential, leaf: Leaf) -> LayerInfo:
    activation, parameters = model.activation_of(leaf), leaf.layer.parameters
    return LayerInfo(
        leaf.name,
        leaf.text,
        leaf.input_shape,
        leaf.output_shape,
        parameters=sum(parameter.size for parameter in parameters),
        activation=activation.text if activation else "",
        frozen=all(parameter.frozen for parameter in parameters),
    )


def summarize(
    learner: Learner,
    run: str,
    train: tuple[float, float],
    validation: tuple[float, float],
    test: tuple[float, float],
    cost: Cost,
    verdicts: Sequence[Verdict],
    checkpoint: str,
) -> dict[str, Any]:
    """What `--json` prints; each split comes as its loss and metric.

    Classes have accuracies, and `test_standard_error` is that of a share: sqrt(p (1 - p) / count). Numbers have the
    root mean square error in their own unit, and `test_r2` is the share of the variance that is explained:
    1 - sum (y - t)^2 / sum (t - mean t)^2. What does not apply is NaN. What the run took, `samples` too, counts from
    where it began or was resumed.
    """
    count = len(learner.dataset.test)
    metrics = {"train": train[1], "validation": validation[1], "test": test[1]}
    told = {name: learner.told(metric) for name, metric in metrics.items()}
    right = told["test"][0]
    return {
        "run": run,
        "dataset": learner.dataset.name,
        "model": learner.config.model,
        "parameters": learner.model.parameter_count,
        "loss": learner.config.loss,
        "strategy": learner.config.strategy,
        "optimizer": learner.config.optimizer if learner.search is None else None,
        "hyperparameters": {
            item.name: int(item.value) if item.scale == "log2" else item.value for item in learner.hyperparameters
        },
        "seed": learner.config.seed,
        "added_samples": len(learner.added),
        "epochs": learner.position.epoch,
        "steps": learner.position.step,
        "train_loss": train[0],
        "train_accuracy": told["train"][0],
        "validation_loss": validation[0],
        "validation_accuracy": told["validation"][0],
        "test_loss": test[0],
        "test_accuracy": right,
        "test_standard_error": sqrt(right * (1 - right) / count) if count else nan,
        "target": learner.dataset.target.name if learner.dataset.target else None,
        **{f"{name}_rmse": rmse for name, (_, rmse) in told.items()},
        "test_r2": _explained(learner, test[1]),
        "seconds": round(cost.seconds, 3),
        "compile_seconds": round(cost.compile_seconds, 3),
        "samples": cost.samples,
        "samples_per_second": round(cost.samples / cost.seconds) if cost.seconds else 0,
        "threads": cost.threads,
        "peak_memory_mb": peak_memory_mb(),
        "verdicts": msgspec.to_builtins(verdicts),
        "checkpoint": checkpoint,
    }


def _explained(learner: Learner, rmse: float) -> float:
    """R², the coefficient of determination, on the test split; NaN for classes, or where there is no variance."""
    target, labels = learner.dataset.target, learner.dataset.test.labels
    variance = float(np.var(labels)) if target is not None and len(labels) else 0.0
    return 1 - (rmse / target.std) ** 2 / variance if target is not None and variance else nan


def _notices(learner: Learner, epochs: int) -> tuple[str, ...]:
    """Sentences about a set-up that runs, but hardly as it was meant."""
    notices = []
    if learner.position.epoch >= epochs:
        notices.append(f"the checkpoint has had its {epochs} epochs: ask for more with --epochs")
    if isinstance(learner.loss, CrossEntropy) and isinstance(learner.model.layers[-1], Softmax):
        notices.append(
            "the cross-entropy loss takes logits and has a softmax of its own: leave out the last layer, Softmax"
        )
    last = learner.model.leaves[-1].text
    if learner.dataset.target is not None and last.partition("(")[0] in BOUNDED:
        notices.append(f"the last layer, {last}, cannot give every number: leave it out")
    if learner.not_compiled:
        notices.append(
            f"{learner.not_compiled} has no compiled form: the whole network runs in NumPy, many times slower"
        )
    return tuple(notices)
