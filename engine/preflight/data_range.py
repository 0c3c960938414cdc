"""In what range the inputs are."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.datasets.base import Split
from engine.preflight.check import Result, Trial, checks

LARGEST = 5.0
"""Root mean square of a feature: 1 if standardized, less in 0..1, up to 3 at a seldom inked border, 80 in 0..255."""

SMALLEST = 0.05
"""The same of all inputs together: below it the first layer has nothing to tell apart."""

BLOCK = 1 << 22
"""Numbers that are looked at between two breaths."""


@checks.register("data range")
def check_range(name: str, trial: Trial) -> Result:
    """All inputs are numbers around zero (LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp", section 4.3)."""
    dataset, train = trial.dataset, trial.dataset.train
    expected = f"finite, standardized or in 0..1: root mean square {SMALLEST:g} to {LARGEST:g}"
    broken = {part: sum(_not_finite(getattr(dataset, part), trial)) for part in ("train", "validation", "test")}
    if any(broken.values()):
        found = ", ".join(f"{count:,} inputs of {part} are not finite" for part, count in broken.items() if count)
        advice = "replace or leave out samples with missing or infinite values"
        return Result(name, False, found, expected, advice, {"not_finite": float(sum(broken.values()))})
    total, squares = np.zeros(train.x[0].size), np.zeros(train.x[0].size)
    low, high = np.full(total.shape, np.inf), np.full(total.shape, -np.inf)
    for rows in _blocks(train):
        trial.breathe()
        total += rows.sum(axis=0, dtype=np.float64)
        squares += np.square(rows, dtype=np.float64).sum(axis=0)
        low, high = np.minimum(low, rows.min(axis=0)), np.maximum(high, rows.max(axis=0))
    size = np.sqrt(squares / len(train))
    whole, largest, constant = float(np.sqrt(np.mean(size**2))), float(size.max()), int((low == high).sum())
    figures = {
        "mean": float(total.mean() / len(train)),
        "low": float(low.min()),
        "high": float(high.max()),
        "root_mean_square": whole,
        "largest_root_mean_square": largest,
        "constant": float(constant),
    }
    found = f"{figures['low']:.3g} to {figures['high']:.3g}, mean {figures['mean']:z.2f}, root mean square {whole:.2f}"
    if largest > LARGEST and largest > 1.5 * whole:
        found += f", of {_feature(trial, int(size.argmax()))} {largest:.3g}"
    if constant:
        found += f"; {constant:,} of {len(size):,} inputs are constant"
    if constant == len(size):
        advice = "all samples are alike: check where they were read from"
    elif largest > LARGEST:
        advice = "divide by the deviation, or pixels by 255: large inputs make the first steps explode"
    elif whole < SMALLEST:
        advice = "divide by the deviation: inputs near zero make the first layer learn slowly"
    else:
        advice = ""
    return Result(name, not advice, found, expected, advice, figures)


def _blocks(split: Split) -> Iterator[Array]:
    rows = split.x.reshape(len(split), -1)
    count = max(1, BLOCK // rows.shape[1])
    for first in range(0, len(rows), count):
        yield rows[first : first + count]


def _not_finite(split: Split, trial: Trial) -> Iterator[int]:
    for rows in _blocks(split):
        trial.breathe()
        yield rows.size - int(np.isfinite(rows).sum())


def _feature(trial: Trial, place: int) -> str:
    names = trial.dataset.feature_names
    return names[place] if names else f"input {place + 1}"
