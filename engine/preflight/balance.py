"""How many samples each class has."""

import numpy as np

from engine.preflight.check import Result, Trial, checks

MOST = 10.0
"""Largest over smallest class. A rule of thumb: beyond it the smallest hardly moves the loss."""


@checks.register("class balance")
def check_balance(name: str, trial: Trial) -> Result:
    """Each class has training samples, and none more than `MOST` times those of another."""
    dataset = trial.dataset
    if dataset.target is not None:
        return Result(name, None, f"{dataset.target.name} is a number: there are no classes")
    counts = np.bincount(dataset.train.labels, minlength=len(dataset.class_names))
    most, least = int(counts.argmax()), int(counts.argmin())
    share = counts / counts.sum()
    ratio = float(counts[most] / counts[least]) if counts[least] else np.inf
    figures = {"largest_share": float(share[most]), "smallest_share": float(share[least]), "ratio": ratio}
    largest, smallest = dataset.class_names[most], dataset.class_names[least]
    found = f"largest {largest} {share[most]:.1%}, smallest {smallest} {share[least]:.1%}"
    if ratio == 1:
        found = f"{len(counts)} classes of {share[most]:.1%} each"
    expected = f"each class is there, the largest at most {MOST:g} times the smallest"
    if not counts[least]:
        advice = f"add samples of {smallest}: what is never seen is never learned"
    elif ratio > MOST:
        advice = f"add samples of {smallest}; always saying {largest} would be right in {share[most]:.0%}"
    else:
        advice = ""
    return Result(name, not advice, found, expected, advice, figures)
