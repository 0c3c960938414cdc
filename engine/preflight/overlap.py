"""Whether what is tested on was trained on."""

from hashlib import blake2b

from engine.datasets.base import Split
from engine.preflight.check import Result, Trial, checks

MOST = 0.01
"""Share of a split that may occur in training: real sets have the one or other sample twice."""

CHANCE = 2.0
"""Rows of a table with few values are alike by chance, and no more often across splits than within training."""

BREATH = 1000
"""Samples between two breaths."""


@checks.register("splits apart")
def check_overlap(name: str, trial: Trial) -> Result:
    """Samples of validation and test are not among those of training, input for input."""
    dataset = trial.dataset
    digests = _digests(dataset.train, trial)
    known = set(digests)
    allowed = MOST
    if len(dataset.input_shape) == 1:
        allowed = max(MOST, CHANCE * (1 - len(known) / len(digests)))
    counts = {}
    for part in ("validation", "test"):
        split: Split = getattr(dataset, part)
        counts[part] = sum(digest in known for digest in _digests(split, trial)), len(split)
    shares = " and ".join(f"{count:,} of {total:,} {part}" for part, (count, total) in counts.items())
    found = f"{shares} samples are in training"
    expected = f"at most {allowed:.0%} of them, or one"
    bad = [part for part, (count, total) in counts.items() if count > max(1, allowed * total)]
    advice = f"take those samples out of training: the figures of {' and '.join(bad)} are too good" if bad else ""
    figures = {part: float(count) for part, (count, _) in counts.items()}
    return Result(name, not advice, found, expected, advice, figures)


def _digests(split: Split, trial: Trial) -> list[bytes]:
    digests = []
    for place, sample in enumerate(split.x):
        if place % BREATH == 0:
            trial.breathe()
        digests.append(blake2b(sample, digest_size=16).digest())
    return digests
