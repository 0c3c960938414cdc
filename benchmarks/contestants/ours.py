"""Our own: a Learner over a data set of random pictures.

Its step does more than the others': it shuffles each epoch, gathers each batch from the whole, and tells the
gradient's norm by layer and how many samples were right, as every run of tui-nn does.
"""

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import workloads as w
from benchmarks.contestants.steps import Steps, Timer
from engine.datasets.base import Dataset, Split
from engine.machine import available_threads
from engine.training.config import Config
from engine.training.learner import Learner
from engine.training.preparation import prepare_kernels

EPOCHS = 1_000_000
"""Planned: a schedule would divide by it."""


def variants(workload: w.Workload) -> Sequence[str]:
    """One: what a user gets."""
    return ["default"]


def build(workload: w.Workload, variant: str) -> Steps:
    """Steps through the data set, epoch after epoch."""
    config = Config(model=workload.text, optimizer="adam", lr=w.LEARNING_RATE, batch_size=workload.batch, epochs=EPOCHS)
    learner = make_learner(config, random_pictures(workload))

    def steps(count: int) -> None:
        for _ in range(count):
            figures = learner.train_step(EPOCHS)
            learner.end_epoch()
        if figures.trouble:
            raise RuntimeError(f"{figures.trouble} is not finite")

    return steps


def make_learner(config: Config, dataset: Dataset) -> Learner:
    """Ready to step, with the threads that a run takes."""
    learner = Learner(config, dataset)
    learner.threads = config.threads or available_threads()
    threadpool_limits(1)  # for the life of the process, as the trainer does
    prepare_kernels(config, dataset, lambda event: None)
    return learner


def random_pictures(workload: w.Workload) -> Dataset:
    """As many batches as the others have ready-made."""
    random = np.random.default_rng(0)
    count = workload.batch * w.BATCHES
    train = Split(random.standard_normal((count, *w.INPUT_SHAPE), np.float32), random.integers(w.CLASSES, size=count))
    few = Split(train.x[:10], train.labels[:10])
    classes = tuple(map(str, range(w.CLASSES)))
    return Dataset("random", train, few, few, classes, input_mean=0, input_std=1, provenance="random numbers")


CALLS = Timer(variants, build).calls
