"""The loss before the first step."""

from math import isfinite

from engine.losses.cross_entropy import CrossEntropy
from engine.losses.mean_squared_error import MeanSquaredError
from engine.preflight.check import Result, Trial, checks, guess_loss
from engine.training.learner import Learner

OFF = 0.1
"""How far the loss may be from a guess, as a share of it."""

SAMPLES = 500


@checks.register("initial loss")
def check_initial_loss(name: str, trial: Trial) -> Result:
    """A network that has learned nothing guesses among all classes: ln(classes), with `bce` ln 2 an output."""
    learner = Learner(trial.config, trial.dataset)
    if isinstance(learner.loss, MeanSquaredError):
        return Result(name, None, "a squared error has no value that every start should have")
    guess = guess_loss(learner.loss, trial.dataset, trial.dataset.train)
    try:
        loss, _, _ = learner.evaluate(trial.dataset.train, SAMPLES)
    finally:
        learner.close()
    what = f"ln {len(trial.dataset.class_names)}" if isinstance(learner.loss, CrossEntropy) else "ln 2"
    share = loss / guess - 1
    found = f"{loss:.3f}, {share:+.0%}" if isfinite(loss) else f"{loss}"
    advice = ""
    if share < -OFF:
        advice = "it knows answers before it has learned any: look for the label among the inputs"
    elif not share <= OFF:
        advice = "standardize the inputs, or begin with smaller weights: init normal(0.05)"
    expected = f"{guess:.3f} ({what}), within {OFF:.0%}"
    return Result(name, not advice, found, expected, advice, {"loss": loss, "guess": guess})
