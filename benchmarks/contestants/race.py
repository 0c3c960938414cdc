"""From the start of reading files to an accuracy: the same laps and the same clock for every contestant."""

from collections.abc import Callable
from time import perf_counter
from typing import TypedDict

LAPS = 4
"""Evaluations an epoch."""

EVALUATED_AT_ONCE = 1000
"""Samples."""


class Finish(TypedDict):
    """Seconds are from the start of reading; those of evaluation are among them. None where it was not reached."""

    seconds: float | None
    ready_s: float
    evaluation_s: float
    epochs: float
    accuracies: list[float]


def race(
    began: float,
    steps_per_epoch: int,
    epochs: int,
    train: Callable[[int], object],
    evaluate: Callable[[], float],
    target: float,
) -> Finish:
    """Train by quarters of an epoch until `evaluate` gives the target, or the epochs are over."""
    ready_s = perf_counter() - began
    accuracies: list[float] = []
    evaluation_s, reached = 0.0, False
    while not reached and len(accuracies) < epochs * LAPS:
        lap = len(accuracies)
        train(round((lap + 1) * steps_per_epoch / LAPS) - round(lap * steps_per_epoch / LAPS))
        paused = perf_counter()
        accuracies.append(evaluate())
        evaluation_s += perf_counter() - paused
        reached = accuracies[-1] >= target
    return Finish(
        seconds=perf_counter() - began if reached else None,
        ready_s=ready_s,
        evaluation_s=evaluation_s,
        epochs=len(accuracies) / LAPS,
        accuracies=accuracies,
    )
