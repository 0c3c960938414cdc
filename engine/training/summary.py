"""A run in figures: where it begins, and how it ended."""

from math import nan, sqrt
from typing import Any, NamedTuple

import msgspec

from engine.health.verdict import Verdict
from engine.layers.softmax import Softmax
from engine.losses.cross_entropy import CrossEntropy
from engine.machine import peak_memory_mb
from engine.model import Sequential
from engine.training.events import LayerInfo, RunStarted
from engine.training.learner import Learner


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
        notices=notices + _notices(learner, epochs),
        feature_names=dataset.feature_names,
    )


def describe_layers(model: Sequential) -> tuple[LayerInfo, ...]:
    """The layers that learn, first to last."""
    return tuple(
        LayerInfo(leaf.name, leaf.text, leaf.input_shape, leaf.output_shape, sum(p.size for p in leaf.layer.parameters))
        for leaf in model.learning_layers
    )


def summarize(
    learner: Learner,
    run: str,
    train: tuple[float, float],
    validation: tuple[float, float],
    test: tuple[float, float],
    cost: Cost,
    verdicts: list[Verdict],
    checkpoint: str,
) -> dict[str, Any]:
    """What `--json` prints; each split comes as its loss and accuracy.

    `test_standard_error` is that of a share: sqrt(p (1 - p) / count).
    """
    count = len(learner.dataset.test)
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
        "epochs": learner.position.epoch,
        "steps": learner.position.step,
        "train_loss": train[0],
        "train_accuracy": train[1],
        "validation_loss": validation[0],
        "validation_accuracy": validation[1],
        "test_loss": test[0],
        "test_accuracy": test[1],
        "test_standard_error": sqrt(test[1] * (1 - test[1]) / count) if count else nan,
        "seconds": round(cost.seconds, 3),
        "compile_seconds": round(cost.compile_seconds, 3),
        "samples": cost.samples,
        "samples_per_second": round(cost.samples / cost.seconds) if cost.seconds else 0,
        "threads": cost.threads,
        "peak_memory_mb": peak_memory_mb(),
        "verdicts": msgspec.to_builtins(verdicts),
        "checkpoint": checkpoint,
    }


def _notices(learner: Learner, epochs: int) -> tuple[str, ...]:
    """Sentences about a set-up that runs, but hardly as it was meant."""
    notices = []
    if learner.position.epoch >= epochs:
        notices.append(f"the checkpoint has had its {epochs} epochs: ask for more with --epochs")
    if isinstance(learner.loss, CrossEntropy) and isinstance(learner.model.layers[-1], Softmax):
        notices.append(
            "the cross-entropy loss takes logits and has a softmax of its own: leave out the last layer, Softmax"
        )
    if learner.not_compiled:
        notices.append(
            f"{learner.not_compiled} has no compiled form: the whole network runs in NumPy, many times slower"
        )
    return tuple(notices)
