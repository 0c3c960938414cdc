"""Before the first step: all compiled code that the run calls is compiled, or loaded from the disk's cache."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import msgspec
import numpy as np

from engine.datasets.base import Dataset, Split
from engine.kernels.compiled import compiler
from engine.training.config import Config
from engine.training.events import PreparationAdvanced
from engine.training.learner import EVALUATED, Learner
from engine.training.probes import measure_weights


def prepare_kernels(config: Config, dataset: Dataset, emit: Callable[[PreparationAdvanced], None]) -> float:
    """Compile with the progress told; returns the seconds it took.

    A scratch network of the same layers takes a step on two samples: what is compiled is what will run, and the
    run's own weights, random numbers and running statistics stay untouched.
    """
    began = perf_counter()
    emit(PreparationAdvanced(0, 1, "loading the compiler"))
    compiler()
    scratch = _scratch(config, dataset)
    total, done = 2, 0
    try:
        phases = scratch.phases
        total += len(phases)
        for done, phase in enumerate(phases):
            emit(PreparationAdvanced(done, total, f"compiling {phase.__name__.replace('_', ' ')}"))
            _ = phase.address
        emit(PreparationAdvanced(total - 2, total, "compiling the training step"))
        scratch.train_step(1)
        emit(PreparationAdvanced(total - 1, total, "compiling evaluation"))
        few = scratch.dataset.train
        for split in (scratch.dataset.test, few):
            scratch.evaluate(split)
        outputs, backward = scratch.model.forward(few.x, training=False)  # who looks inside goes layer by layer
        backward(np.zeros_like(outputs))
        measure_weights(scratch, 4)
    finally:
        scratch.close()
    return perf_counter() - began


def prepare_change(learner: Learner, emit: Callable[[PreparationAdvanced], None]) -> None:
    """Compile what a changed network needs and the one before it did not, with the progress told."""
    lacking = [phase for phase in learner.phases if not phase.ready]
    for done, phase in enumerate(lacking):
        emit(PreparationAdvanced(done, len(lacking), f"compiling {phase.__name__.replace('_', ' ')}"))
        _ = phase.address


def _scratch(config: Config, dataset: Dataset) -> Learner:
    """A learner of the same configuration, with two samples to learn from."""
    few, more = (Split(dataset.train.x[:count], dataset.train.labels[:count]) for count in (2, EVALUATED))
    settings = {name: value for name, value in config.set.items() if name != "batch_size"}
    return Learner(
        msgspec.structs.replace(config, batch_size=len(few), set=settings),
        replace(dataset, train=few, validation=few, test=more),
    )
