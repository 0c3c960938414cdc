"""Whether the network can learn at all."""

from math import nan

import msgspec

from engine.datasets.splits import with_few_samples
from engine.preflight.check import Result, Trial, checks, guess_loss
from engine.training.config import GRADIENT
from engine.training.learner import Learner

SAMPLES = 20
STEPS = 1000
ZERO = 0.01
"""Of the loss of a guess: what counts as none."""

HOLDS_BACK = ("dropout", "weight_decay", "label_smoothing")
"""What keeps a network from learning by heart, and is left out here."""


ELSEWHERE = ("batch_size", "augment_intensity")
"""Numbers of what is set or left out here as well."""


@checks.register("twenty samples")
def check_few_samples(name: str, trial: Trial) -> Result:
    """Twenty samples can be learned by heart, by the run's own optimizer and rate, all of them in each step.

    Without schedule, augmentation and whatever holds back; a network that cannot do that will learn nothing.
    """
    config = trial.config
    if config.strategy != GRADIENT:
        return Result(name, None, f"{config.strategy} learns nothing by heart in {STEPS:,} steps")
    dataset = with_few_samples(trial.dataset, min(SAMPLES, len(trial.dataset.train)))
    count = len(dataset.train)
    kept = {name: value for name, value in config.set.items() if name not in (*HOLDS_BACK, *ELSEWHERE)}
    plain = msgspec.structs.replace(config, samples=0, batch_size=count, augment="none", schedule="constant", set=kept)
    learner = Learner(plain, dataset)
    for item in learner.hyperparameters:
        if item.name in HOLDS_BACK:
            learner.set(item.name, 0.0)
    zero = ZERO * guess_loss(learner.loss, dataset, dataset.train)
    loss, first, step = nan, nan, 0
    try:
        for step in range(1, STEPS + 1):
            trial.breathe()
            figures = learner.train_step(STEPS)
            learner.end_epoch()
            loss = figures.loss
            first = loss if step == 1 else first
            if figures.trouble or loss <= zero:
                break
    finally:
        learner.close()
    learned = loss <= zero
    found = f"loss {first:.3f} to {loss:.2g} in {step:,} steps on {count} samples"
    expected = f"below {zero:.2g} within {STEPS:,} steps"
    if learned:
        advice = ""
    elif figures.trouble:
        advice = f"{figures.trouble} is not finite: lower the learning rate ({learner.optimizer.learning_rate:g})"
    else:
        rate = f"{learner.optimizer.learning_rate:g}"
        advice = f"another learning rate than {rate}, ReLU, or more units: it cannot even learn these by heart"
    return Result(name, learned, found, expected, advice, {"first_loss": first, "loss": loss, "steps": float(step)})
