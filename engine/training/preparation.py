"""Before the first step: every kernel that the run calls is compiled, or loaded from the disk's cache."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from time import perf_counter

import msgspec

from engine.datasets.base import Dataset, Split
from engine.kernels.compiled import load_compiler
from engine.training.config import Config
from engine.training.events import PreparationAdvanced
from engine.training.learner import Learner
from engine.training.probes import measure_weights


def prepare_kernels(config: Config, dataset: Dataset, emit: Callable[[PreparationAdvanced], None]) -> float:
    """Compile with the progress told; returns the seconds it took.

    A scratch network of the same layers takes a step on two samples: what is compiled is what will run, and the
    run's own weights, random numbers and running statistics stay untouched.
    """
    began = perf_counter()
    few = Split(dataset.train.x[:2], dataset.train.labels[:2])
    settings = {name: value for name, value in config.set.items() if name != "batch_size"}
    scratch = Learner(
        msgspec.structs.replace(config, batch_size=len(few), set=settings),
        replace(dataset, train=few, validation=few, test=few),
    )
    stages = list(_stages(scratch))
    for done, (what, run) in enumerate(stages):
        emit(PreparationAdvanced(done, len(stages), what))
        run()
    return perf_counter() - began


def _stages(learner: Learner) -> Iterator[tuple[str, Callable[[], object]]]:
    x = learner.dataset.train.x

    def forward(index: int) -> None:
        nonlocal x
        x, _ = learner.model.layers[index].forward(x, training=True)

    yield "loading the compiler", load_compiler
    for index, text in enumerate(learner.model.texts):
        yield f"compiling {text}", partial(forward, index)
    yield f"compiling {learner.config.loss} and {learner.config.optimizer}", lambda: learner.train_step(1)
    yield "compiling evaluation", lambda: learner.evaluate(learner.dataset.train)
    yield "compiling histograms", lambda: measure_weights(learner, 4)
