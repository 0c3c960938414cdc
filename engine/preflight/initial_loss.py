"""The loss before the first step."""

from math import isfinite

import numpy as np

from engine.arrays import Array
from engine.losses.cross_entropy import CrossEntropy
from engine.losses.mean_squared_error import MeanSquaredError
from engine.preflight.check import Result, Trial, checks, guess_loss
from engine.training.learner import Learner

OFF = 0.1
"""How far the loss is from a guess, as a share of it, where there is nothing to be said."""

WORST = 5.0
"""How many guesses it may be. Presets that reach published accuracies begin at 1.2 to 3.4 of them, `resnet-small` at up
to 4.7 (twenty seeds each), and undo that in some twenty steps; weights twice too large in each of three layers begin at
8, ten times too large at 120. Verdicts, which see whether the steps undo it, are stricter.
"""

KNOWING = 0.5
"""A network of two outputs is below a guess by chance, and not seldom; none is so far below, as a share of it."""

CHANCE = 4.0
"""Standard deviations that chance is believed."""

SAMPLES = 500


@checks.register("initial loss")
def check_initial_loss(name: str, trial: Trial) -> Result:
    """A network that has learned nothing guesses among all classes: ln(classes), with `bce` ln 2 an output.

    Karpathy 2019, "A Recipe for Training Neural Networks": verify loss @ init.
    """
    learner = Learner(trial.config, trial.dataset)
    if isinstance(learner.loss, MeanSquaredError):
        return Result(name, None, "a squared error has no value that every start should have")
    guess = guess_loss(learner.loss, trial.dataset, trial.dataset.train)
    try:
        loss, _, _ = learner.evaluate(trial.dataset.train, SAMPLES)
    finally:
        learner.close()
    labels = trial.dataset.train.labels[:SAMPLES]
    lowest = max(KNOWING * guess, guess - _luck(labels) if isinstance(learner.loss, CrossEntropy) else 0.0)
    what = f"ln {len(trial.dataset.class_names)}" if isinstance(learner.loss, CrossEntropy) else "ln 2"
    share = loss / guess - 1
    found = f"{loss:.3f}, {share:+.0%}" if isfinite(loss) else f"{loss}"
    expected = f"{guess:.3f} ({what}), {lowest:.2f} to {WORST * guess:.1f}"
    passed = lowest <= loss <= WORST * guess
    return Result(name, passed, found, expected, _advice(share, passed), {"loss": loss, "guess": guess})


def _luck(labels: Array) -> float:
    """How far the cross-entropy of a network that knows nothing may lie below ln(classes), in nats.

    It may do alike with all samples of a class: give class k the outputs z_k, drawn with a deviation s. To second order
    in s its loss is ln(classes) + s^2/2 - sum_k p_k z_kk, p_k being the class's share. The last term is drawn too, with
    the deviation s sqrt(sum p_k^2). Where that is CHANCE times as much as usual, the loss is least for
    s = CHANCE sqrt(sum p_k^2), and then CHANCE^2 sum p_k^2 / 2 below: CHANCE^2 / (2 classes) of classes alike.
    """
    shares = np.bincount(labels) / max(len(labels), 1)
    return CHANCE**2 * float(np.square(shares).sum()) / 2


def _advice(share: float, passed: bool) -> str:
    if abs(share) <= OFF:
        return ""
    if share < 0:
        by_chance = (
            "a bit better than a guess, by chance; or " if passed else "it knows answers before it has learned any: "
        )
        return f"{by_chance}look for the label among the inputs"
    if passed:
        return "it can do with that: the last layer's weights are larger than they need be, which the first steps undo"
    return "standardize the inputs, or begin with smaller weights: init normal(0.05)"
